import type { LegacyName } from './legacy.ts';

/** A kind of process, by what it calls itself in `bundler_build_info`. */
export type Component = 'upload' | 'workers' | 'payment' | 'admin' | 'operator';

/** Every value that a label can have, or, where nobody can list them, what keeps them few. */
export type LabelValues = readonly string[] | string;

/** What one metric is: everything that processes, boards, alerts and docs need to agree on. */
export interface MetricDefinition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** A counter all of whose labels list their values is there with each of them, at 0, before anything has happened. */
  readonly labels: Readonly<Record<string, LabelValues>>;
  /** Those that report it. */
  readonly components: readonly Component[];
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
  /** Whether the buckets of a histogram name a trace that fell into them. */
  readonly exemplars?: true;
  /** Under which names earlier bundlers report the same. */
  readonly legacy?: readonly LegacyName[];
}

type Labels = MetricDefinition['labels'];

/** Of a metric without labels. */
type None = { readonly [Label in never]: LabelValues };

/** Makes definitions of metrics that these components report. The names of the labels become part of the type. */
export function reportedBy(...components: readonly Component[]) {
  return {
    counter: <const L extends Labels = None>(name: string, help: string, labels = {} as L) =>
      ({ name, type: 'counter', help, labels, components }) as const satisfies MetricDefinition,
    gauge: <const L extends Labels = None>(name: string, help: string, labels = {} as L) =>
      ({ name, type: 'gauge', help, labels, components }) as const satisfies MetricDefinition,
    histogram: <const L extends Labels = None>(
      name: string,
      help: string,
      buckets: readonly number[],
      labels = {} as L,
    ) => ({ name, type: 'histogram', help, labels, components, buckets }) as const satisfies MetricDefinition,
    /** A histogram whose buckets name traces. */
    tracedHistogram: <const L extends Labels = None>(
      name: string,
      help: string,
      buckets: readonly number[],
      labels = {} as L,
    ) =>
      ({
        name,
        type: 'histogram',
        help,
        labels,
        components,
        buckets,
        exemplars: true,
      }) as const satisfies MetricDefinition,
  };
}
