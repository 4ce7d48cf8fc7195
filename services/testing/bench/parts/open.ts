import type { LoadResult } from '../children/load-tool.ts';
import { milliseconds } from '../report/format.ts';
import { addressOfKey } from '../system/backends.ts';
import { type Stack, withStack } from '../system/stack.ts';
import { type Bench, runLoad, UPLOAD_PATH } from './bench.ts';
import { KIB, measureSigningBeside } from './uploads.ts';
import { warmUpStack } from './warm-up.ts';

/** One round of 1 KiB RSA items that arrive by a fixed schedule. */
export interface OpenRound {
  /** The arrivals' rate as a multiple of S. */
  readonly timesS: number;
  readonly perSecond: number;
  readonly load: LoadResult;
}

const RATES = [0.5, 2];
/**
 * A round of 6 seconds at half of S has 2,500 uploads: its p99 is that of the 25 slowest, which one stall of the machine makes. The
 * middle of some rounds is that of the platform, and rates that take turns are compared in the same minute.
 */
const ROUNDS = 5;
const REST_MS = 10_000;

/** What clients see who do not wait for one another: below the limit, and far above it. */
export function measureOpenLoop(bench: Bench): Promise<OpenRound[]> {
  const { apis, workers } = bench.options;
  return withStack({ jwk: bench.jwk, apis, workers }, async (stack) => {
    const rounds: OpenRound[] = [];
    await warmUpStack(bench, stack);
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      const { perSecond } = await measureSigningBeside(bench, stack);
      for (const timesS of RATES) {
        const round = await measureRate(bench, stack, timesS, timesS * perSecond);
        bench.print(describe(round));
        rounds.push(round);
      }
    }
    return rounds;
  });
}

async function measureRate(bench: Bench, stack: Stack, timesS: number, rate: number): Promise<OpenRound> {
  const { seconds, warmUpSeconds } = bench.options;
  const load = await runLoad(
    bench,
    `open loop at ${timesS} S`,
    {
      corpus: {
        signer: 'rsa',
        jwk: bench.jwk,
        payloadBytes: KIB,
        count: Math.ceil(rate * (seconds + warmUpSeconds)),
      },
      loop: { kind: 'open', urls: stack.uploadUrls, path: UPLOAD_PATH, rate, warmUpSeconds, seconds },
      wallet: addressOfKey(bench.jwk),
    },
    { onReady: async () => void (await stack.rows.atRest(REST_MS)) },
  );
  return { timesS, perSecond: rate, load };
}

function describe({ timesS, perSecond, load }: OpenRound): string {
  const { accepted, answers, late, maxInFlight, refused, seconds } = load;
  const all = Object.entries(answers).map(([status, count]) => `${status}: ${count}`);
  return [
    `open loop at ${timesS} S (${perSecond.toFixed(0)}/s): accepted ${(accepted / seconds).toFixed(0)}/s`,
    `p50 ${milliseconds(load.p50)} p99 ${milliseconds(load.p99)} ms`,
    `answers ${all.join(' ')}`,
    `Retry-After on ${refused.withRetryAfter} of ${refused.count} refusals, their p50 ${milliseconds(refused.p50)} ms`,
    `sent late ${late} (p99 from sending ${milliseconds(load.p99FromSending ?? Number.NaN)} ms)`,
    `most in flight ${maxInFlight}`,
    load.receiptsInvalid > 0 ? `${load.receiptsInvalid} of ${load.receiptsChecked} RECEIPTS INVALID` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}
