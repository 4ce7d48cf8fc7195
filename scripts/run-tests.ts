/**
 * Runs the tests. With arguments it is jest with these arguments; without, all tests in two rounds: those that need nothing but
 * Node on all cores, and then, one file at a time, those that use real servers, whose own load is enough for a machine.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { summaries } from './closing-line.ts';

const JEST = fileURLToPath(import.meta.resolve('jest/bin/jest'));

interface Round {
  readonly args: readonly string[];
  readonly summary: string;
}

const [unit, int] = summaries;
const all: readonly Round[] = [
  { args: ['--selectProjects', 'unit', '--maxWorkers', '100%'], summary: unit },
  { args: ['--selectProjects', 'int', '--maxWorkers', '1'], summary: int },
];

function jest({ args, summary }: Round): boolean {
  const command = ['--experimental-vm-modules', JEST, '--json', '--outputFile', summary, ...args];
  return spawnSync(process.execPath, command, { stdio: 'inherit' }).status === 0;
}

mkdirSync('.cache', { recursive: true });
// A summary of an earlier run must not speak for this one.
for (const summary of summaries) rmSync(summary, { force: true });
const given = process.argv.slice(2);
const rounds = given.length > 0 ? [{ args: given, summary: unit }] : all;
// Every round is run even when one fails: it shows all there is to mend.
process.exitCode = rounds.map(jest).every(Boolean) ? 0 : 1;
