/**
 * The fire drill: `make fire-drill`. Ends with 1 when something did not hold, 2 when it could not be run. ONLY names faults,
 * separated by commas: what was seen of the others in the run before stays on the page. MARKDOWN names the file for the page.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DrillResults, runDrill } from './drill.ts';
import { withRepeated } from './merge.ts';
import { chooseFaults } from './options.ts';
import { drillPage, problems } from './page.ts';

const artifacts = join(import.meta.dirname, '../../../.cache/artifacts');
const kept = join(artifacts, 'fire-drill.json');

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stop.abort(new Error(`interrupted by ${signal}`)));
}
const began = performance.now();
const print = (line: string): void =>
  console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}`);
try {
  const seen = await runDrill(chooseFaults(process.env.ONLY), { env: process.env, signal: stop.signal, print });
  const before = process.env.ONLY ? await readResults() : undefined;
  const results = before ? withRepeated(before, seen) : seen;
  await mkdir(artifacts, { recursive: true });
  await writeFile(kept, `${JSON.stringify(results, null, 2)}\n`);
  const page = drillPage(results);
  console.log(page);
  if (process.env.MARKDOWN) await writeFile(process.env.MARKDOWN, page);
  process.exitCode = problems(results).length === 0 ? 0 : 1;
} catch (error) {
  console.error(((stop.signal.aborted ? stop.signal.reason : error) as Error).message);
  process.exitCode = 2;
}

async function readResults(): Promise<DrillResults | undefined> {
  const text = await readFile(kept, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as DrillResults);
}
