import { setTimeout as wait } from 'node:timers/promises';
import type { LoadResult } from '../children/load-tool.ts';
import { addressOfKey } from '../system/backends.ts';
import type { Progress } from '../system/rows.ts';
import { type Stack, withStack } from '../system/stack.ts';
import { type Bench, mostSigned, runLoad, UPLOAD_PATH } from './bench.ts';
import { KIB } from './uploads.ts';
import { warmUpStack } from './warm-up.ts';

/** How the pipeline keeps up with uploads. */
export interface PostedResult {
  readonly load: LoadResult;
  readonly timeline: readonly (Progress & { readonly second: number })[];
  /** Items a second that were accepted, and that reached the network, while the load lasted. */
  readonly acceptedPerSecond: number;
  readonly postedPerSecond: number;
  /** From the end of the load until all items were posted, seconds; undefined: they never all were. */
  readonly restSeconds: number | undefined;
}

const CONNECTIONS = 50;
/** The load lasts so many levels of the other parts: 15 s by default. */
const LEVELS = 2.5;
const SAMPLE_MS = 1000;
const REST_TIMEOUT_MS = 60_000;

/** 1 KiB RSA items at 50 connections, watched from their acceptance to their bundle's transaction. */
export function measurePosted(bench: Bench): Promise<PostedResult> {
  const { apis, workers } = bench.options;
  return withStack({ jwk: bench.jwk, apis, workers }, async (stack) => {
    await warmUpStack(bench, stack);
    await stack.rows.atRest(REST_TIMEOUT_MS);
    await stack.rows.clear(stack.backends.storeDirectory);
    const timeline: (Progress & { second: number })[] = [];
    const loading = { started: 0, ended: 0 };
    const watching = new AbortController();
    let watched: Promise<void> = Promise.resolve();
    const load = await runLoad(bench, 'accepted to posted', loadInput(bench, stack), {
      onReady: async () => {
        loading.started = performance.now();
        watched = watch(stack, timeline, watching.signal);
      },
      onMeasured: () => {
        loading.ended = performance.now();
      },
    });
    const rest = await untilAllPosted(stack, loading.ended);
    watching.abort();
    await watched;
    const result = { load, timeline, ...rates(timeline, (loading.ended - loading.started) / 1000), restSeconds: rest };
    report(bench, result);
    return result;
  });
}

function loadInput(bench: Bench, stack: Stack) {
  // The load is watched from its first request, so nothing of it is a warm-up.
  const seconds = bench.options.seconds * LEVELS;
  return {
    corpus: {
      signer: 'rsa' as const,
      jwk: bench.jwk,
      payloadBytes: KIB,
      count: Math.ceil(mostSigned(bench) * seconds) + CONNECTIONS,
    },
    loop: {
      kind: 'closed' as const,
      urls: stack.uploadUrls,
      path: UPLOAD_PATH,
      connections: CONNECTIONS,
      warmUpSeconds: 0,
      seconds,
    },
    wallet: addressOfKey(bench.jwk),
  };
}

async function watch(stack: Stack, timeline: (Progress & { second: number })[], signal: AbortSignal): Promise<void> {
  const start = performance.now();
  while (!signal.aborted) {
    timeline.push({ second: (performance.now() - start) / 1000, ...(await stack.rows.progress()) });
    await wait(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function untilAllPosted(stack: Stack, since: number): Promise<number | undefined> {
  while (performance.now() - since < REST_TIMEOUT_MS) {
    const { items, posted } = await stack.rows.progress();
    if (posted === items) return (performance.now() - since) / 1000;
    await wait(100);
  }
  return undefined;
}

function rates(timeline: PostedResult['timeline'], seconds: number) {
  const last = timeline.filter(({ second }) => second <= seconds).at(-1);
  return {
    acceptedPerSecond: (last?.items ?? 0) / (last?.second || Number.NaN),
    postedPerSecond: (last?.posted ?? 0) / (last?.second || Number.NaN),
  };
}

function report(bench: Bench, result: PostedResult): void {
  const { acceptedPerSecond, postedPerSecond, restSeconds, timeline } = result;
  const backlog = timeline.map(({ waiting }) => waiting).join(' ');
  bench.print(
    `accepted to posted: ${acceptedPerSecond.toFixed(0)} items/s accepted, ${postedPerSecond.toFixed(0)} items/s ` +
      `posted meanwhile, ${restSeconds === undefined ? 'NEVER all posted' : `all posted ${restSeconds.toFixed(1)} s after the load`}`,
  );
  bench.print(`items waiting for a bundle, each second: ${backlog}`);
}
