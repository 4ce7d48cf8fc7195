import { percentile } from '../../bench/load/percentile.ts';
import type { Slope } from './slope.ts';

/** Everything that one soak measured. */
export interface SoakResults {
  readonly startedAt: string;
  /** Of churn, as it was. */
  readonly minutes: number;
  /** Of it, what the slopes leave out at its beginning. */
  readonly warmUpMinutes: number;
  readonly configs: number;
  /** From the first creation until every BundlerConfig was rolled out, seconds. */
  readonly installSeconds: number;
  /** Each BundlerConfig's own time, seconds. */
  readonly installEach: readonly number[];
  /** Objects in the operator's caches at the end of the churn. */
  readonly cachedObjects: number;
  readonly actions: Readonly<Record<string, number>>;
  readonly edits: number;
  /** `name@generation` of those that were not acted upon. */
  readonly missed: readonly string[];
  /** What others changed and nobody set right. */
  readonly notRepaired: readonly string[];
  /** Milliseconds each. */
  readonly latency: Readonly<Record<'seen' | 'settled' | 'repaired', readonly number[]>>;
  /** MiB, over the churn after its warm-up. */
  readonly memory: Readonly<
    Record<'heap' | 'heapFloor' | 'resident', { readonly mean: number; readonly slope: Slope }>
  >;
  readonly samples: number;
  readonly quiet: Quiet;
  /** The same after an operator started anew. */
  readonly restarted: Quiet;
  readonly failedReconciles: number;
}

export interface Quiet {
  readonly seconds: number;
  /** Reconciliations that ended meanwhile. */
  readonly reconciles: number;
  /** Requests that ask for a change, answered or refused. */
  readonly writes: number;
  readonly what: readonly string[];
  /** Objects that have another version than before, other than events. */
  readonly changed: readonly string[];
}

export interface Judgement {
  readonly name: string;
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

/** How fast what is kept may grow under churn, MiB an hour: an hour here has the edits of months. */
const HEAP_PER_HOUR = 8;
/** Resident memory holds pages that V8 has not given back yet, too. */
const RESIDENT_PER_HOUR = 24;
/** For a hundred BundlerConfigs from nothing to rolled out, on two cores that also run etcd, the API server and its controllers. */
const INSTALL_SECONDS_PER_HUNDRED = 300;
const SEEN_P99_MS = 5000;

/** Holds the figures against what they must be. What could not be measured is not met. */
export function judge(results: SoakResults): Judgement[] {
  const { configs, installSeconds, latency, memory, missed, notRepaired, quiet, restarted } = results;
  const installGoal = Math.max(30, (INSTALL_SECONDS_PER_HUNDRED * configs) / 100);
  const [heap, resident] = [memory.heapFloor.slope, memory.resident.slope];
  const seen = percentile(latency.seen, 0.99);
  return [
    {
      name: `${configs} BundlerConfigs from nothing to rolled out`,
      goal: `≤ ${installGoal} s`,
      measured: `${installSeconds.toFixed(1)} s`,
      met: installSeconds <= installGoal,
    },
    flat('heap after collections', HEAP_PER_HOUR, heap),
    flat('resident memory', RESIDENT_PER_HOUR, resident),
    none('generations missed', missed.length),
    none('changes by others left as they were', notRepaired.length),
    {
      name: 'an edit is reconciled within, p99',
      goal: `≤ ${SEEN_P99_MS} ms`,
      measured: `${seen.toFixed(0)} ms`,
      met: seen <= SEEN_P99_MS,
    },
    quietly('writes in a quiet minute', quiet, quiet.writes),
    quietly('objects changed by an operator that starts anew', restarted, restarted.changed.length),
  ];
}

function flat(name: string, limit: number, { perHour, error }: Slope): Judgement {
  const measured = `${perHour.toFixed(2)} ± ${error.toFixed(2)} MiB/h`;
  return { name: `growth of ${name}`, goal: `≤ ${limit} MiB/h`, measured, met: perHour <= limit };
}

const none = (name: string, count: number): Judgement => ({
  name,
  goal: '0',
  measured: String(count),
  met: count === 0,
});

/** Where nothing was looked at, nothing written proves nothing. */
function quietly(name: string, { reconciles }: Quiet, count: number): Judgement {
  const measured = `${count} in ${reconciles} reconciliations`;
  return { name, goal: '0', measured, met: count === 0 && reconciles > 0 };
}
