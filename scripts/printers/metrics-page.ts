import { type MetricDefinition, metrics, operatorMetrics } from '@bundler/contract';
import { external } from '@bundler/dashboards';
import { legacyNames } from './legacy-names.ts';
import { code, page, table } from './markdown.ts';
import type { Printer } from './printer.ts';

const introduction = `Every metric of the platform. Each process serves those it has at \`/bundler_metrics\` on its
admin port, the operator at \`/metrics\`, and the upload API also on its public port: in Prometheus' text format, or as OpenMetrics to a
scraper that accepts it. With tracing on, the buckets that are marked name a trace then.

A label with a list of values has no others. A counter all of whose labels list their values is there from the start, at 0.`;

function labelsOf({ labels }: MetricDefinition): string {
  return Object.entries(labels)
    .map(([name, values]) => {
      const bound = typeof values === 'string' ? values : values.map(code).join(', ');
      return `${code(name)}: ${bound}`;
    })
    .join('; ');
}

function metricsTable(group: Readonly<Record<string, MetricDefinition>>): string {
  const rows = Object.values(group).map((metric) => [
    code(metric.name),
    metric.type,
    metric.components.join(', '),
    metric.help,
    labelsOf(metric),
    `${metric.buckets?.join(', ') ?? ''}${metric.exemplars ? ' (with traces)' : ''}`,
  ]);
  return table(['Metric', 'Type', 'Reported by', 'What it tells', 'Labels', 'Buckets'], rows);
}

function othersTable(): string {
  const rows = Object.values(external).map(({ documented, help, name, source, type }) => [
    code(name),
    type,
    `[${source}](${documented})`,
    help,
  ]);
  return table(['Metric', 'Type', 'Reported by', 'What it tells'], rows);
}

/** The reference page of all metrics. */
export const metricsPage: Printer = {
  path: 'docs/reference/metrics.md',
  print: () => {
    const { buildInfo: _, ...ofOperator } = operatorMetrics;
    const others = 'What boards and alerts ask for beside our own; where somebody does not report it, they are silent.';
    const parts = [
      metricsTable(metrics),
      '## Of the operator',
      metricsTable(ofOperator),
      '## Of others',
      others,
      othersTable(),
      ...legacyNames(),
    ];
    return page('services/contract/src/metrics', 'Metrics', introduction, parts);
  },
};
