/**
 * Measures the whole platform on this machine and holds the figures against its goals. Prints figures; asserts none.
 *
 *   node services/testing/bench/main.ts [--only uploads,open,large,prepare,posted,paid] [--seconds 6] [--warm-up 2]
 *     [--apis 1] [--workers 1] [--large-mib 1024] [--markdown FILE]
 *
 * BENCH_TEN_FULL=1 gives the ten uploads at once their full size: ten times the disk.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { generateJwk } from '@bundler/ans104';
import { readOptions } from './options.ts';
import { type Bench, measureSigning } from './parts/bench.ts';
import { measureLarge } from './parts/large.ts';
import { measureOpenLoop } from './parts/open.ts';
import { measurePaid } from './parts/paid.ts';
import { measurePlanning } from './parts/planning.ts';
import { measurePosted } from './parts/posted.ts';
import { measurePrepare } from './parts/prepare.ts';
import { measureRawFastify } from './parts/raw-fastify.ts';
import { measureUploads } from './parts/uploads.ts';
import { textTable } from './report/format.ts';
import { judge } from './report/goals.ts';
import { describeRun, markdownPage } from './report/page.ts';
import type { BenchResults } from './report/results.ts';
import { cpuTable, goalsTable, openTable, uploadsTable } from './report/tables.ts';
import { type Machine, readMachine } from './system/machine.ts';
import { stopAllStacks, withStack } from './system/stack.ts';

const cache = fileURLToPath(new URL('../../../.cache/', import.meta.url));

async function run(bench: Bench): Promise<BenchResults> {
  const startedAt = new Date();
  const { options } = bench;
  const has = (part: (typeof options.parts)[number]): boolean => options.parts.includes(part);
  const machine = await inspect(bench);
  await measureSigning(bench);
  const results: { -readonly [Key in keyof BenchResults]?: BenchResults[Key] } = {};
  if (has('uploads')) {
    results.rawFastify = await measureRawFastify(bench);
    results.uploads = await measureUploads(bench);
  }
  if (has('open')) results.open = await measureOpenLoop(bench);
  if (has('large')) results.large = await measureLarge(bench);
  if (has('prepare')) results.prepare = await measurePrepare(bench);
  if (has('posted')) {
    results.posted = await measurePosted(bench);
    results.planning = await measurePlanning(bench);
  }
  if (has('paid')) results.paid = await measurePaid(bench);
  await measureSigning(bench);
  const seconds = (Date.now() - startedAt.getTime()) / 1000;
  return { ...results, startedAt: startedAt.toISOString(), seconds, options, machine, signing: bench.signing };
}

function inspect(bench: Bench): Promise<Machine> {
  bench.show('starting servers');
  return withStack({ jwk: bench.jwk, apis: 0, workers: 0 }, async ({ backends, rows }) =>
    readMachine(await rows.durability(), backends.redis[0]!.version),
  );
}

async function report(results: BenchResults, markdown: string | undefined): Promise<void> {
  const judged = judge(results);
  const tables = [
    results.uploads ? uploadsTable(results) : [],
    results.uploads ? cpuTable(results) : [],
    results.open ? openTable(results) : [],
    goalsTable(judged),
  ];
  const text = tables.filter((table) => table.length > 0).map(textTable);
  console.log(['', describeRun(results).join('\n'), ...text].join('\n\n'));
  await mkdir(cache, { recursive: true });
  await writeFile(`${cache}bench.json`, `${JSON.stringify({ ...results, goals: judged }, null, 2)}\n`);
  if (markdown !== undefined) await writeFile(markdown, markdownPage(results, judged));
  console.log(`\n${(results.seconds / 60).toFixed(1)} minutes; all figures are in .cache/bench.json`);
}

/** A line that says what is under way, where there is a terminal to say it to. */
function show(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

const options = readOptions(process.argv.slice(2), process.env);
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => reject(new Error(`interrupted by ${signal}`)));
  }
});
const bench: Bench = {
  options,
  jwk: await generateJwk(),
  signing: [],
  print: (line) => {
    show('');
    console.log(line);
  },
  show,
};
try {
  const results = await Promise.race([run(bench), interrupted]);
  show('');
  await report(results, options.markdown);
} catch (error) {
  show('');
  console.error(error);
  await stopAllStacks();
  process.exit(1);
}
