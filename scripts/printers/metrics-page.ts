import { type MetricDefinition, metrics, operatorMetrics } from '@bundler/contract';
import { code, page, table } from './markdown.ts';
import type { Printer } from './printer.ts';

const introduction = `Every metric of the platform. Each process serves the ones it has at \`/bundler_metrics\` on its
admin port, in Prometheus' text format.`;

function metricsTable(group: Readonly<Record<string, MetricDefinition>>): string {
  const rows = Object.values(group).map(({ name, type, labels, help, buckets }) => [
    code(name),
    type,
    labels.map(code).join(', '),
    help,
    buckets?.join(', ') ?? '',
  ]);
  return table(['Metric', 'Type', 'Labels', 'What it tells', 'Buckets'], rows);
}

/** The reference page of all metrics. */
export const metricsPage: Printer = {
  path: 'docs/reference/metrics.md',
  print: () => {
    const parts = [metricsTable(metrics), '## Of the operator', metricsTable(operatorMetrics)];
    return page('services/contract/src/metrics.ts', 'Metrics', introduction, parts);
  },
};
