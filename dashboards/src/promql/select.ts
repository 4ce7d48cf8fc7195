import type { MetricDefinition } from '@bundler/contract';
import { braces, type Matcher } from './matchers.ts';
import { type TargetLabel, targetLabels } from './target-labels.ts';
import { Vector } from './vector.ts';

/** A metric of ours or of somebody else, with the names of its labels in its type. */
export type Metric = Pick<MetricDefinition, 'name' | 'type' | 'help' | 'labels'>;
type Declared<T extends Metric['type']> = Metric & { readonly type: T };
/** The labels of a metric's series: its own, and those of the target. */
export type LabelOf<M extends Metric> = (keyof M['labels'] & string) | TargetLabel;
type Matchers<L extends string> = { readonly [K in L]?: Matcher };

/** A gauge's current values. */
export class Gauge<L extends string> extends Vector<L> {
  declare readonly gauge: true;
}

/** A counter: no vector, because its value by itself says nothing. */
export class Counter<L extends string> {
  readonly selector: string;
  readonly labels: readonly L[];

  constructor(selector: string, labels: readonly L[]) {
    this.selector = selector;
    this.labels = labels;
  }
}

export function gauge<const M extends Declared<'gauge'>>(metric: M, matchers: Matchers<LabelOf<M>> = {}) {
  return new Gauge<LabelOf<M>>(metric.name + braces(matchers), labelsOf(metric));
}

export function counter<const M extends Declared<'counter'>>(metric: M, matchers: Matchers<LabelOf<M>> = {}) {
  return new Counter<LabelOf<M>>(metric.name + braces(matchers), labelsOf(metric));
}

/** The buckets of a histogram, each a counter of what took at most `le`. */
export function buckets<const M extends Declared<'histogram'>>(metric: M, matchers: Matchers<LabelOf<M> | 'le'> = {}) {
  return new Counter<LabelOf<M> | 'le'>(`${metric.name}_bucket${braces(matchers)}`, [...labelsOf(metric), 'le']);
}

/** How many a histogram has observed. */
export function observed<const M extends Declared<'histogram'>>(metric: M, matchers: Matchers<LabelOf<M>> = {}) {
  return new Counter<LabelOf<M>>(`${metric.name}_count${braces(matchers)}`, labelsOf(metric));
}

/** The sum of what a histogram has observed. */
export function summed<const M extends Declared<'histogram'>>(metric: M, matchers: Matchers<LabelOf<M>> = {}) {
  return new Counter<LabelOf<M>>(`${metric.name}_sum${braces(matchers)}`, labelsOf(metric));
}

function labelsOf<M extends Metric>(metric: M): LabelOf<M>[] {
  return [...new Set([...Object.keys(metric.labels), ...targetLabels])] as LabelOf<M>[];
}
