import { Counter, type Gauge } from './select.ts';
import { type Duration, Vector, type Window } from './vector.ts';

/** A counter per second. Counters go nowhere but through here and `increase`: a restart sets them to zero. */
export const rate = <L extends string>(of: Counter<L>, window: Window): Vector<L> => ranged('rate', of, window);
export const increase = <L extends string>(of: Counter<L>, window: Window): Vector<L> => ranged('increase', of, window);
export const deriv = <L extends string>(of: Gauge<L>, window: Window): Vector<L> => ranged('deriv', of, window);
export const changes = <L extends string>(of: Gauge<L>, window: Window): Vector<L> => ranged('changes', of, window);
export const highest = <L extends string>(of: Gauge<L>, window: Window): Vector<L> =>
  ranged('max_over_time', of, window);
/** Where a gauge will be in `seconds`, by the line through what it was. */
export const predicted = <L extends string>(of: Gauge<L>, window: Window, seconds: number): Vector<L> =>
  new Vector(`predict_linear(${of.text}[${window}], ${seconds})`, of.labels);

type By<K extends string> = readonly K[];

export const sum = <L extends string, K extends L>(by: By<K>, of: Vector<L>): Vector<K> => aggregated('sum', by, of);
export const max = <L extends string, K extends L>(by: By<K>, of: Vector<L>): Vector<K> => aggregated('max', by, of);
export const min = <L extends string, K extends L>(by: By<K>, of: Vector<L>): Vector<K> => aggregated('min', by, of);
export const average = <L extends string, K extends L>(by: By<K>, of: Vector<L>): Vector<K> =>
  aggregated('avg', by, of);
export const count = <L extends string, K extends L>(by: By<K>, of: Vector<L>): Vector<K> =>
  aggregated('count', by, of);
/** 1 for each combination of labels that there is. */
export const group = <L extends string, K extends L>(by: By<K>, of: Vector<L>): Vector<K> =>
  aggregated('group', by, of);
/** The quantile of a histogram, estimated from its buckets; never above its highest finite bound. */
export function quantile<L extends string, K extends Exclude<L, 'le'>>(
  rank: number,
  by: By<K>,
  buckets: Counter<L | 'le'>,
  window: Window,
): Vector<K> {
  const summed = sum<string, string>([...by, 'le'], rate(buckets as Counter<string>, window));
  return new Vector(`histogram_quantile(${rank}, ${summed.text})`, by);
}

/** How long ago the times are that series tell, seconds. */
export const since = <L extends string>(of: Vector<L>): Vector<L> =>
  new Vector(`time() - ${of.operand}`, of.labels, true);
/** One series without labels. */
export const constant = (value: number): Vector<never> => new Vector(`vector(${value})`, []);
/** A share that cannot be told, because nothing happened, is no trouble: without a total there is no answer. */
export const share = <L extends string>(part: Vector<L>, total: Vector<L>): Vector<L> =>
  part.over(new Vector(`${total.operand} > 0`, total.labels, true));

/** Text of Prometheus' own language for what has no words here. The labels are a promise that the static check keeps. */
export const raw = <L extends string>(text: string, labels: readonly L[]): Vector<L> => new Vector(text, labels, true);

function ranged<L extends string>(name: string, of: Counter<L> | Gauge<L>, window: Window): Vector<L> {
  return new Vector(`${name}(${of instanceof Counter ? of.selector : of.text}[${window}])`, of.labels);
}

function aggregated<K extends string>(name: string, by: By<K>, of: Vector<string>): Vector<K> {
  return new Vector(`${name}${by.length === 0 ? '' : ` by (${by.join(', ')}) `}(${of.text})`, by);
}

/** A duration of the form that Prometheus takes, in seconds. */
export function secondsOf(duration: Duration): number {
  const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
  return Number.parseFloat(duration) * units[duration.at(-1) as keyof typeof units];
}
