import { availableParallelism } from 'node:os';
import { runChild, type ServerChild, startServerChild } from '../child.ts';
import type { LargePostsInput, LargePostsResult } from '../children/large-posts.ts';
import { median } from '../load/percentile.ts';
import { mib } from '../report/format.ts';
import { type MemoryGrowth, totalGrowth, watchMemory } from '../system/memory.ts';
import { type Stack, withStack } from '../system/stack.ts';
import { type Bench, UPLOAD_PATH } from './bench.ts';

/** Large uploads, each by one POST, to the file-system store. */
export interface LargeResult {
  readonly payloadMib: number;
  /** MB/s of the platform, and of a bare server that receives and hashes; one of each a round. */
  readonly platform: readonly number[];
  readonly bare: readonly number[];
  /** Memory of the API processes during one upload, that round in which it grew most. */
  readonly oneGrowth: readonly MemoryGrowth[];
  readonly ten: {
    readonly payloadMib: number;
    readonly megabytesPerSecond: number;
    readonly growth: readonly MemoryGrowth[];
  };
}

const ROUNDS = 3;
const MIB = 1024 * 1024;
const AT_ONCE = 10;
const WARM_UP_MIB = 8;

/** Without workers: the bundles that would be made of these items are measured by another part. */
export function measureLarge(bench: Bench): Promise<LargeResult> {
  const { largeMib, tenFull } = bench.options;
  // The event loop hashes and writes them, so each core has its own.
  const apis = availableParallelism();
  return withStack({ jwk: bench.jwk, apis, workers: 0 }, async (stack) => {
    const bare = await startServerChild(new URL('../children/hash-server.ts', import.meta.url));
    try {
      await warmUp(bench, stack, bare);
      const rounds = await measureRounds(bench, stack, bare, largeMib);
      const tenMib = tenFull ? largeMib : Math.ceil(largeMib / 4);
      const ten = await measureTen(bench, stack, tenMib);
      return { payloadMib: largeMib, ...rounds, ten };
    } finally {
      await bare.stop();
    }
  });
}

async function warmUp(bench: Bench, stack: Stack, bare: ServerChild): Promise<void> {
  const urls = [bare.url, ...uploadUrls(stack)].flatMap((url) => [url, url]);
  await postLarge(bench, urls, WARM_UP_MIB);
  await stack.rows.clear(stack.backends.storeDirectory);
}

async function measureRounds(
  bench: Bench,
  stack: Stack,
  bare: ServerChild,
  payloadMib: number,
): Promise<Pick<LargeResult, 'bare' | 'platform' | 'oneGrowth'>> {
  const rates = { bare: [] as number[], platform: [] as number[] };
  let oneGrowth: MemoryGrowth[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bench.show(`${payloadMib} MiB upload, round ${round + 1} of ${ROUNDS}`);
    rates.bare.push((await postLarge(bench, [bare.url], payloadMib)).rate);
    const { rate, growth } = await postLarge(bench, [uploadUrls(stack)[0]!], payloadMib, stack);
    rates.platform.push(rate);
    if (totalGrowth(growth) >= totalGrowth(oneGrowth)) oneGrowth = growth;
    await stack.rows.clear(stack.backends.storeDirectory);
  }
  const [platform, received] = [median(rates.platform), median(rates.bare)];
  bench.print(
    `${payloadMib} MiB by one POST: ${platform.toFixed(0)} MB/s; received and hashed by a bare server: ` +
      `${received.toFixed(0)} MB/s; ratio ${(platform / received).toFixed(2)} (medians of ${ROUNDS}, interleaved)`,
  );
  bench.print(`memory growth, one upload: ${describeGrowth(oneGrowth)}`);
  return { ...rates, oneGrowth };
}

async function measureTen(bench: Bench, stack: Stack, payloadMib: number): Promise<LargeResult['ten']> {
  bench.show(`${AT_ONCE} uploads of ${payloadMib} MiB at once`);
  const targets = uploadUrls(stack);
  const urls = Array.from({ length: AT_ONCE }, (_, index) => targets[index % targets.length]!);
  const { rate, growth } = await postLarge(bench, urls, payloadMib, stack);
  await stack.rows.clear(stack.backends.storeDirectory);
  bench.print(`${AT_ONCE} uploads of ${payloadMib} MiB at once: ${rate.toFixed(0)} MB/s in all`);
  bench.print(`memory growth, ten uploads: ${describeGrowth(growth)}`);
  return { payloadMib, megabytesPerSecond: rate, growth };
}

/** Posts one item to each URL, all at once. @returns MB/s of all together, and how the API processes grew */
async function postLarge(
  bench: Bench,
  urls: readonly string[],
  payloadMib: number,
  watched?: Stack,
): Promise<{ rate: number; growth: MemoryGrowth[] }> {
  let watch = (): MemoryGrowth[] => [];
  const input: LargePostsInput = { urls, payloadBytes: payloadMib * MIB, jwk: bench.jwk };
  const { byteCount, seconds } = await runChild<LargePostsResult>(
    new URL('../children/large-posts.ts', import.meta.url),
    input,
    {
      onReady: async () => {
        if (watched) watch = watchMemory(watched.apis);
      },
    },
  ).finally(() => watch());
  return { rate: byteCount / 1e6 / seconds, growth: watch() };
}

function uploadUrls(stack: Stack): string[] {
  return stack.uploadUrls.map((url) => url + UPLOAD_PATH);
}

function describeGrowth(growth: readonly MemoryGrowth[]): string {
  const each = growth.map(({ name, baseline, peak }) => `${name} ${mib(baseline)} to ${mib(peak)}`);
  return `${mib(totalGrowth(growth))} MiB (${each.join(', ')})`;
}
