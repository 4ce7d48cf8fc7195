/**
 * Runs load suites: `make load PROFILE=smoke`. Ends with 1 when something did not hold, 2 when a suite could not be run.
 * docs/load-tests.md says what the suites are and what can be set.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runLoad } from './load.ts';
import { readLoadOptions } from './options.ts';
import { resultsPage } from './report/page.ts';
import { describeResult } from './report/verdict.ts';

const root = join(import.meta.dirname, '../../..');
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stop.abort(new Error(`interrupted by ${signal}`)));
}
const print = (line: string): void => console.log(line);
try {
  const options = readLoadOptions(process.env);
  const results = await runLoad(options, {
    env: process.env,
    artifacts: join(root, '.cache/artifacts/load'),
    signal: stop.signal,
    print,
    onResult: (result) => print(`${describeResult(result, root).join('\n')}\n`),
  });
  if (process.env.MARKDOWN) {
    await writeFile(process.env.MARKDOWN, resultsPage(results, options, new Date().toISOString().slice(0, 10)));
  }
  const failed = results.filter(({ passed }) => !passed).map(({ suite }) => suite);
  print(failed.length === 0 ? `All ${results.length} suites passed.` : `FAILED: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} catch (error) {
  console.error(((stop.signal.aborted ? stop.signal.reason : error) as Error).message);
  process.exitCode = 2;
}
