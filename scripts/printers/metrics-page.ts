import { type MetricDefinition, metrics } from '@bundler/contract';
import { code, page, table } from './markdown.ts';
import type { Printer } from './printer.ts';

const introduction = `Every metric of the platform. Each process serves the ones it has at \`/bundler_metrics\` on its
admin port, in Prometheus' text format.`;

/** The reference page of all metrics. */
export const metricsPage: Printer = {
  path: 'docs/reference/metrics.md',
  print: () => {
    const all: readonly MetricDefinition[] = Object.values(metrics);
    const rows = all.map(({ name, type, labels, help, buckets }) => [
      code(name),
      type,
      labels.map(code).join(', '),
      help,
      buckets?.join(', ') ?? '',
    ]);
    const parts = [table(['Metric', 'Type', 'Labels', 'What it tells', 'Buckets'], rows)];
    return page('services/contract/src/metrics.ts', 'Metrics', introduction, parts);
  },
};
