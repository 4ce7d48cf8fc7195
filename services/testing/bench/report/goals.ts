import { median, sum } from '../load/percentile.ts';
import type { OpenRound } from '../parts/open.ts';
import type { UploadRound } from '../parts/uploads.ts';
import { totalGrowth } from '../system/memory.ts';
import { besideSigning, paidOfFree } from './per-upload.ts';
import type { BenchResults } from './results.ts';

/** One of the platform's goals for speed. */
export interface Goal {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly goal: number;
  readonly stretch: number | undefined;
  /** What a run measured; undefined when it did not measure it. */
  readonly measure: (results: BenchResults) => number | undefined;
}

export interface Judged extends Omit<Goal, 'measure'> {
  readonly measured: number | undefined;
  /** What was measured over the goal. */
  readonly ratio: number | undefined;
  readonly verdict: 'stretch met' | 'met' | 'NOT met' | 'not measured';
}

const KIB = 1024;
const MIB = 1024 ** 2;

/** The platform's goals, in ratios to this machine's signing rate where the signature is the limit. */
export const goals: readonly Goal[] = [
  {
    name: '1 KiB RSA item with receipt, 50 connections',
    unit: 'S',
    better: 'higher',
    goal: 0.6,
    stretch: 0.75,
    measure: (results) => ofRsaRounds(results, KIB, 50, shareOfS),
  },
  {
    name: '100 KiB, same',
    unit: 'S',
    better: 'higher',
    goal: 0.4,
    stretch: 0.55,
    measure: (results) => ofRsaRounds(results, 100 * KIB, 50, shareOfS),
  },
  {
    name: 'CPU per upload over all processes, less one signature',
    unit: 'ms',
    better: 'lower',
    goal: 0.6,
    stretch: 0.35,
    measure: (results) => ofRsaRounds(results, KIB, 50, (round) => besideSigning(round).cpuLessSignatureMs),
  },
  {
    name: 'p50 at 1 connection',
    unit: 'ms',
    better: 'lower',
    goal: 10,
    stretch: 3,
    measure: (results) => ofRsaRounds(results, KIB, 1, ({ load }) => load.p50),
  },
  {
    name: 'p99 at 0.5 S, open loop',
    unit: 'ms',
    better: 'lower',
    goal: 150,
    stretch: 70,
    measure: (results) => openP99(results, 0.5),
  },
  {
    name: 'large upload by one POST, of receive + SHA-384 in one thread',
    unit: 'x',
    better: 'higher',
    goal: 0.45,
    stretch: 0.75,
    measure: ({ large }) => large && median(large.platform) / median(large.bare),
  },
  {
    name: 'memory growth, one large upload',
    unit: 'MiB',
    better: 'lower',
    goal: 64,
    stretch: 16,
    measure: ({ large }) => large && totalGrowth(large.oneGrowth) / MIB,
  },
  {
    name: 'memory growth, ten large uploads at once',
    unit: 'MiB',
    better: 'lower',
    goal: 256,
    stretch: 100,
    measure: ({ large }) => large && totalGrowth(large.ten.growth) / MIB,
  },
  {
    name: 'data root of two large items',
    unit: 's',
    better: 'lower',
    goal: 2,
    stretch: 0.9,
    measure: ({ prepare }) => prepare && median(prepare.dataRoot),
  },
  {
    name: 'whole prepare of them',
    unit: 's',
    better: 'lower',
    goal: 6,
    stretch: 1.5,
    measure: ({ prepare }) => prepare && median(prepare.prepare),
  },
  {
    name: 'planning, CPU per item',
    unit: 'ms',
    better: 'lower',
    goal: 0.1,
    stretch: 0.02,
    measure: ({ planning }) => planning?.planCpuMs,
  },
  {
    name: 'accepted p99 at 2 S over that at 0.5 S, open loop',
    unit: 'x',
    better: 'lower',
    goal: 2,
    stretch: undefined,
    measure: overloadP99,
  },
  {
    name: 'refused at 2 S with Retry-After, of all that got no receipt',
    unit: 'x',
    better: 'higher',
    goal: 1,
    stretch: undefined,
    measure: refusedProperly,
  },
  {
    name: 'paid uploads of free ones, 1 KiB RSA, 50 connections',
    unit: 'x',
    better: 'higher',
    goal: 0.7,
    stretch: undefined,
    measure: ({ paid }) => paid && paidOfFree(paid),
  },
];

/** Holds what a run measured against the goals. */
export function judge(results: BenchResults, against: readonly Goal[] = goals): Judged[] {
  return against.map(({ measure, ...goal }) => {
    const measured = measure(results);
    if (measured === undefined || !Number.isFinite(measured)) {
      return { ...goal, measured: undefined, ratio: undefined, verdict: 'not measured' };
    }
    const meets = (limit: number): boolean => (goal.better === 'higher' ? measured >= limit : measured <= limit);
    const stretched = goal.stretch !== undefined && meets(goal.stretch);
    const verdict = stretched ? 'stretch met' : meets(goal.goal) ? 'met' : 'NOT met';
    return { ...goal, measured, ratio: measured / goal.goal, verdict };
  });
}

/** The middle of what the rounds of RSA items have of something; undefined if there were none. */
function ofRsaRounds(
  { uploads = [] }: BenchResults,
  payloadBytes: number,
  connections: number,
  figureOf: (round: UploadRound) => number,
): number | undefined {
  const rounds = uploads.filter(
    (round) => round.signer === 'rsa' && round.payloadBytes === payloadBytes && round.connections === connections,
  );
  return rounds.length === 0 ? undefined : median(rounds.map(figureOf));
}

const shareOfS = (round: UploadRound): number => besideSigning(round).shareOfS;

function openRounds(results: BenchResults, timesS: number): readonly OpenRound[] {
  return results.open?.filter((round) => round.timesS === timesS) ?? [];
}

function openP99(results: BenchResults, timesS: number): number {
  return median(openRounds(results, timesS).map(({ load }) => load.p99));
}

/** Each round at 2 S is held against the one at 0.5 S before it: minutes later the machine may be another. */
function overloadP99(results: BenchResults): number {
  const below = openRounds(results, 0.5);
  return median(openRounds(results, 2).map(({ load }, index) => load.p99 / below[index]!.load.p99));
}

function refusedProperly(results: BenchResults): number {
  const loads = openRounds(results, 2).map(({ load }) => load);
  const proper = sum(loads.map(({ refused }) => refused.withRetryAfter));
  return proper / sum(loads.map((load) => sum(Object.values(load.answers)) - load.accepted));
}
