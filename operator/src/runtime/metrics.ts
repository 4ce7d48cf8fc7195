import { operatorMetrics } from '@bundler/contract';
import { type MetricsOf, type MetricsOptions, registerMetrics } from '@bundler/runtime';

/** One instrument for each metric of the operator, and the registry that prints them. */
export type OperatorMetrics = MetricsOf<typeof operatorMetrics>;

export function createOperatorMetrics(options: MetricsOptions = {}): OperatorMetrics {
  return registerMetrics(operatorMetrics, options);
}
