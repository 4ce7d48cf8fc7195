import type { ArweaveJwk } from '@bundler/ans104';
import { deleteObjectFiles } from '../../src/object-files.ts';
import type { LoadResult } from '../children/load-tool.ts';
import type { SigningRate } from '../children/signing-rate.ts';
import { mean } from '../load/percentile.ts';
import { addressOfKey } from '../system/backends.ts';
import { type CpuByGroup, cpuBetween, readCpu } from '../system/cpu.ts';
import { sampleSum, scrape } from '../system/scrape.ts';
import { type Stack, withStack } from '../system/stack.ts';
import { type Bench, measureSigning, mostSigned, runLoad, UPLOAD_PATH } from './bench.ts';
import { describeRound } from './describe-round.ts';
import { warmUpStack } from './warm-up.ts';

/** One kind of item at one number of connections. */
export interface UploadLevel {
  readonly signer: 'rsa' | 'ed25519';
  readonly payloadBytes: number;
  readonly connections: number;
  readonly load: LoadResult;
  /** CPU seconds that were spent while it was measured, by part of the platform. */
  readonly cpu: CpuByGroup;
  /** Mean number of items that were made durable together. */
  readonly groupSize: number;
}

/** A level and S as it was beside it: on a machine that is shared, S of another minute is that of another machine. */
export interface UploadRound extends UploadLevel {
  /** The mean of S just before and just after. */
  readonly signing: SigningRate;
}

interface Level extends Pick<UploadLevel, 'signer' | 'payloadBytes' | 'connections'> {
  /** Whose items they are, of RSA ones; the platform's own wallet if nothing is said. */
  readonly jwk?: ArweaveJwk;
}

export const KIB = 1024;
const SIZES = [KIB, 100 * KIB];
const CONNECTIONS = [1, 10, 50, 200];
/** What the goals are about. One stall of the machine spoils a round of 6 seconds, so the middle of five is taken. */
const GOALS = SIZES.map((payloadBytes) => ({ signer: 'rsa', payloadBytes, connections: 50 }) as const);
const ROUNDS = 5;
/** Before a level starts, the pipeline may take so long to finish what the last one left, milliseconds. */
const REST_MS = 10_000;

/** Small uploads, closed loop, with the whole pipeline at work behind them. */
export function measureUploads(bench: Bench): Promise<UploadRound[]> {
  const { apis, workers } = bench.options;
  return withStack({ jwk: bench.jwk, apis, workers }, async (stack) => {
    const rounds: UploadRound[] = [];
    await warmUpStack(bench, stack);
    let before = await measureSigningBeside(bench, stack);
    for (const levels of inTurns()) {
      for (const level of levels) {
        const measured = await measureLevel(bench, stack, level);
        const after = await measureSigningBeside(bench, stack);
        const round = { ...measured, signing: meanRate([before, after]) };
        bench.print(describeRound(round));
        rounds.push(round);
        before = after;
      }
      await emptyStack(stack);
    }
    return rounds;
  });
}

/** Every level once, then those of the goals in turns; between two lists the disk is emptied. */
function inTurns(): (readonly Level[])[] {
  const once = (['rsa', 'ed25519'] as const).flatMap((signer) =>
    SIZES.map((payloadBytes) => CONNECTIONS.map((connections) => ({ signer, payloadBytes, connections }))),
  );
  return [...once, ...Array.from({ length: ROUNDS - 1 }, () => GOALS)];
}

/** S while the platform stands beside it with nothing to do. */
export async function measureSigningBeside(bench: Bench, stack: Stack): Promise<SigningRate> {
  await stack.rows.atRest(REST_MS);
  return measureSigning(bench);
}

function meanRate(rates: readonly SigningRate[]): SigningRate {
  return { perSecond: mean(rates.map(({ perSecond }) => perSecond)), cpuMs: mean(rates.map(({ cpuMs }) => cpuMs)) };
}

/** Uploads on one number of connections, when the pipeline has finished with earlier ones. */
export async function measureLevel(
  bench: Bench,
  stack: Stack,
  { jwk = bench.jwk, ...level }: Level,
): Promise<UploadLevel> {
  const { seconds, warmUpSeconds } = bench.options;
  const { signer, payloadBytes, connections } = level;
  let cpu: CpuByGroup = {};
  let groups = groupCounts('');
  const load = await runLoad(
    bench,
    `${payloadBytes / KIB} KiB ${signer}, ${connections} connections`,
    {
      corpus: { signer, jwk, payloadBytes, count: corpusSize(bench, connections) },
      loop: { kind: 'closed', urls: stack.uploadUrls, path: UPLOAD_PATH, connections, warmUpSeconds, seconds },
      wallet: addressOfKey(bench.jwk),
    },
    {
      onReady: async () => {
        if (!(await stack.rows.atRest(REST_MS))) bench.print('(the pipeline is still at work on earlier items)');
        groups = groupCounts(await scrape(stack.apis));
      },
      onMeasuring: () => {
        cpu = readCpu(stack.groups());
      },
      onMeasured: () => {
        cpu = cpuBetween(cpu, readCpu(stack.groups()));
      },
    },
  );
  const after = groupCounts(await scrape(stack.apis));
  return { ...level, load, cpu, groupSize: (after.items - groups.items) / (after.groups - groups.groups) };
}

/** Items that will do for the warm-up and the measuring. */
function corpusSize(bench: Bench, connections: number): number {
  const { seconds, warmUpSeconds } = bench.options;
  // One connection waits for each signature, and the fastest answer seen took 2 ms with it.
  const mostPerSecond = connections === 1 ? Math.min(500, mostSigned(bench)) : mostSigned(bench);
  return Math.ceil(mostPerSecond * (seconds + warmUpSeconds)) + 2 * connections;
}

function groupCounts(metrics: string): { items: number; groups: number } {
  const name = 'new_data_item_insert_batch_size';
  return { items: sampleSum(metrics, `${name}_sum`), groups: sampleSum(metrics, `${name}_count`) };
}

/**
 * Makes room on the disk and among the files in memory, if nothing is on its way any more. The development gateway would keep all it was given,
 * and where the host of a virtual machine has to find more memory for that, writing it is ten times as dear.
 */
async function emptyStack({ rows, backends }: Stack): Promise<void> {
  if (!(await rows.atRest(REST_MS))) return;
  await rows.clear(backends.storeDirectory);
  await deleteObjectFiles(backends.chunksDirectory);
}
