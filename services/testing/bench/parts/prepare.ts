import { setTimeout as wait } from 'node:timers/promises';
import { runChild } from '../child.ts';
import type { DataRootInput, DataRootResult } from '../children/data-root.ts';
import type { LargePostsInput } from '../children/large-posts.ts';
import { median } from '../load/percentile.ts';
import { mib } from '../report/format.ts';
import { type MemoryGrowth, totalGrowth, watchMemory } from '../system/memory.ts';
import { sampleSum, scrape } from '../system/scrape.ts';
import type { Service } from '../system/service.ts';
import { type Stack, withStack } from '../system/stack.ts';
import { type Bench, UPLOAD_PATH } from './bench.ts';

/** A bundle of two large items, on its way from a plan to a signed transaction. */
export interface PrepareResult {
  readonly byteCount: number;
  /** Seconds for the data root alone, read from files, each time. */
  readonly dataRoot: readonly number[];
  /** Seconds of the whole job in a worker process, each time. */
  readonly prepare: readonly number[];
  /** Memory of the worker during the jobs. */
  readonly growth: readonly MemoryGrowth[];
}

const ROUNDS = 3;
const ITEMS = 2;
const MIB = 1024 * 1024;
const JOB_TIMEOUT_MS = 120_000;

export function measurePrepare(bench: Bench): Promise<PrepareResult> {
  return withStack({ jwk: bench.jwk, apis: 1, workers: 0 }, async (stack) => {
    bench.show(`uploading ${ITEMS} items of ${bench.options.largeMib} MiB`);
    const urls = Array.from({ length: ITEMS }, () => stack.uploadUrls[0]! + UPLOAD_PATH);
    const input: LargePostsInput = { urls, payloadBytes: bench.options.largeMib * MIB, jwk: bench.jwk };
    await runChild(new URL('../children/large-posts.ts', import.meta.url), input);
    const items = await stack.rows.bundleItems();
    const byteCount = items.reduce((sum, item) => sum + item.byteCount, 0);
    const dataRoot = await measureDataRoot(bench, { storeDirectory: stack.backends.storeDirectory, items });
    const jobs = await measureJobs(bench, stack, byteCount);
    report(bench, byteCount, dataRoot, jobs);
    return { byteCount, dataRoot, ...jobs };
  });
}

async function measureDataRoot(bench: Bench, input: DataRootInput): Promise<number[]> {
  const script = new URL('../children/data-root.ts', import.meta.url);
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bench.show(`data root, round ${round + 1} of ${ROUNDS}`);
    seconds.push((await runChild<DataRootResult>(script, input)).seconds);
  }
  return seconds;
}

/** A real worker packs and prepares the same two items again and again. */
async function measureJobs(
  bench: Bench,
  stack: Stack,
  byteCount: number,
): Promise<Pick<PrepareResult, 'prepare' | 'growth'>> {
  // Exactly what the two items have, so that together they fill a bundle.
  const settings = { MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT: String(byteCount), OVERDUE_DATA_ITEM_THRESHOLD_MS: '86400000' };
  const worker = await stack.startWorker('plan,prepare', settings);
  const growth = watchMemory([worker]);
  try {
    const prepare: number[] = [];
    let spent = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      bench.show(`whole prepare, round ${round + 1} of ${ROUNDS}`);
      const sum = await jobSeconds(worker, round + 1);
      prepare.push(sum - spent);
      spent = sum;
      await stack.rows.unplan();
    }
    return { prepare, growth: growth() };
  } finally {
    growth();
  }
}

/** The seconds that all `prepare` jobs of a worker took together, once so many have ended. */
async function jobSeconds(worker: Service, jobs: number): Promise<number> {
  const name = 'job_duration_seconds';
  const deadline = performance.now() + JOB_TIMEOUT_MS;
  for (;;) {
    const metrics = await scrape([worker]);
    if (sampleSum(metrics, `${name}_count`, 'queue="prepare"') >= jobs) {
      return sampleSum(metrics, `${name}_sum`, 'queue="prepare"');
    }
    if (performance.now() > deadline) throw new Error(`no bundle was prepared within ${JOB_TIMEOUT_MS} ms`);
    await wait(100);
  }
}

function report(
  bench: Bench,
  byteCount: number,
  dataRoot: readonly number[],
  jobs: Pick<PrepareResult, 'prepare' | 'growth'>,
): void {
  const list = (seconds: readonly number[]): string => seconds.map((value) => value.toFixed(2)).join(' ');
  const { baseline, peak } = jobs.growth[0]!;
  bench.print(`data root of ${mib(byteCount)} MiB: ${median(dataRoot).toFixed(2)} s (${list(dataRoot)})`);
  bench.print(
    `whole prepare of it by a worker: ${median(jobs.prepare).toFixed(2)} s (${list(jobs.prepare)}), ` +
      `memory grew by ${mib(totalGrowth(jobs.growth))} MiB (${mib(baseline)} to ${mib(peak)})`,
  );
}
