/**
 * Runs the tests. With arguments it is jest with these arguments; without, all tests in two rounds: those that need nothing but
 * Node on all cores, and then, one file at a time, those that use real servers, whose own load is enough for a machine. A few
 * files of the second round that failed are run once more (docs/adr/0040-a-second-run.md).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { failedFiles, type JestSummary, summaries, withSecondRun } from './closing-line.ts';

const JEST = fileURLToPath(import.meta.resolve('jest/bin/jest'));
const SECOND_RUN = '.cache/test-summary.again.json';
/** More files than these do not fail by chance. */
const MAX_SECOND_RUN = 4;

function jest(summary: string, ...args: readonly string[]): boolean {
  const command = ['--experimental-vm-modules', JEST, '--json', '--outputFile', summary, ...args];
  return spawnSync(process.execPath, command, { stdio: 'inherit' }).status === 0;
}

const read = (file: string): JestSummary => JSON.parse(readFileSync(file, 'utf8')) as JestSummary;

function int(summary: string): boolean {
  const args = ['--selectProjects', 'int', '--maxWorkers', '1'];
  if (jest(summary, ...args)) return true;
  const first = read(summary);
  const files = failedFiles(first);
  if (files.length === 0 || files.length > MAX_SECOND_RUN) return false;
  console.log(`\nRunning once more what failed:\n${files.map((file) => `  ${file}\n`).join('')}`);
  const passed = jest(SECOND_RUN, ...args, '--runTestsByPath', ...files);
  const both = withSecondRun(first, read(SECOND_RUN));
  writeFileSync(summary, JSON.stringify(both));
  for (const test of both.unstable ?? []) console.log(`UNSTABLE, passed only when run again: ${test}`);
  return passed;
}

mkdirSync('.cache', { recursive: true });
// A summary of an earlier run must not speak for this one.
for (const summary of [...summaries, SECOND_RUN]) rmSync(summary, { force: true });
const [unitSummary, intSummary] = summaries;
const given = process.argv.slice(2);
const rounds =
  given.length > 0
    ? [jest(unitSummary, ...given)]
    : // Every round is run even when one fails: it shows all there is to mend.
      [jest(unitSummary, '--selectProjects', 'unit', '--maxWorkers', '100%'), int(intSummary)];
process.exitCode = rounds.every(Boolean) ? 0 : 1;
