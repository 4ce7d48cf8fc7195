/**
 * Soaks the operator: its real process on a real control plane, with a hundred BundlerConfigs and somebody who never
 * leaves them alone for an hour. Ends with 1 when a figure is not what it must be.
 *
 *   SOAK_MINUTES=60 SOAK_CONFIGS=100 node services/testing/soak/main.ts [--markdown FILE]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { textTable } from '../bench/report/format.ts';
import { judge, type SoakResults } from './figures/verdict.ts';
import { readOptions } from './options.ts';
import { describeSoak, markdownPage, verdictTable } from './page.ts';
import { soak } from './soak.ts';

const cache = fileURLToPath(new URL('../../../.cache/', import.meta.url));
/** Installing, settling and the quiet minutes together take a few; more means that something hangs. */
const REST_MINUTES = 30;

const machine =
  `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB, ` +
  `Linux ${release().split('.').slice(0, 2).join('.')}, Node ${process.versions.node}`;

async function report(results: SoakResults, markdown: string | undefined): Promise<boolean> {
  const judged = judge(results);
  console.log(`\n${describeSoak(results, machine).join('\n')}\n\n${textTable(verdictTable(judged))}`);
  await mkdir(cache, { recursive: true });
  await writeFile(`${cache}soak.json`, `${JSON.stringify({ ...results, judged }, null, 2)}\n`);
  if (markdown !== undefined) await writeFile(markdown, markdownPage(results, judged, machine));
  return judged.every(({ met }) => met);
}

const options = readOptions(process.argv.slice(2), process.env);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stop.abort(new Error(`interrupted by ${signal}`)));
}
const tooLong = (options.minutes + REST_MINUTES) * 60_000;
const deadline = setTimeout(() => stop.abort(new Error(`not done after ${tooLong / 60_000} minutes`)), tooLong);
try {
  const results = await soak(options, stop.signal, (line) => console.log(line));
  process.exitCode = (await report(results, options.markdown)) ? 0 : 1;
} catch (error) {
  console.error(stop.signal.aborted ? stop.signal.reason : error);
  process.exitCode = 1;
} finally {
  clearTimeout(deadline);
}
