import { metrics, operatorMetrics } from '@bundler/contract';
import { external } from './external-metrics.ts';
import type { Metric } from './promql/index.ts';
import { sloMetrics } from './slo/rules.ts';

/** Our own metrics. */
export const ownMetrics: readonly Metric[] = [
  ...new Map(
    [...Object.values(metrics), ...Object.values(operatorMetrics)].map((metric) => [metric.name, metric]),
  ).values(),
];

const { errors, ...others } = sloMetrics;

/** Everything that a query may ask for. */
export const allMetrics: readonly Metric[] = [
  ...ownMetrics,
  ...Object.values(external),
  ...Object.values(errors),
  ...Object.values(others),
];

/** Names of the series of a metric. */
export function seriesOf({ name, type }: Metric): string[] {
  return type === 'histogram' ? ['_bucket', '_count', '_sum'].map((suffix) => name + suffix) : [name];
}
