import { allMetrics, seriesOf } from '../catalogue.ts';
import { type Metric, targetLabels } from '../promql/index.ts';
import { readQuery, type Selector } from './selectors.ts';

const bySeries = new Map(allMetrics.flatMap((metric) => seriesOf(metric).map((name) => [name, metric] as const)));

/** Gauges that several processes report of the same thing: a sum would count it as often as there are processes. */
const sharedGauge = /read it with max|read them with `max|Every API reports/i;

/** What is wrong with a query: metrics, labels and values that there are not, and sums of what must not be summed. */
export function problemsOf(query: string): string[] {
  const { selectors, groupedBy } = readQuery(query);
  const known = selectors.map((selector) => ({ selector, metric: bySeries.get(selector.metric) }));
  const labels = new Set(known.flatMap(({ metric, selector }) => (metric ? labelsOf(metric, selector.metric) : [])));
  return [
    ...known.flatMap(({ selector, metric }) =>
      metric === undefined ? [`there is no metric ${selector.metric}`] : problemsOfSelector(selector, metric),
    ),
    ...groupedBy.filter((label) => !labels.has(label)).map((label) => `no series in it has the label ${label}`),
  ];
}

/** The metrics that a query uses. */
export function metricsIn(query: string): string[] {
  return readQuery(query).selectors.flatMap(({ metric }) => bySeries.get(metric)?.name ?? []);
}

const labelsOf = ({ labels }: Metric, series: string): string[] => [
  ...Object.keys(labels),
  ...targetLabels,
  ...(series.endsWith('_bucket') ? ['le'] : []),
];

function problemsOfSelector({ metric: series, matchers, aggregation }: Selector, metric: Metric): string[] {
  const labels = labelsOf(metric, series);
  const summed = metric.type === 'gauge' && sharedGauge.test(metric.help) && aggregation === 'sum';
  return [
    ...(summed
      ? [`${series} is reported by several processes of the same thing: read it with max, never with sum`]
      : []),
    ...matchers.flatMap(({ label, operator, value }) => {
      if (!labels.includes(label)) return [`${series} has no label ${label}`];
      return unknownValues(metric, label, operator, value).map((one) => `${series} has no ${label}="${one}"`);
    }),
  ];
}

/** Values of a label whose values are listed, and which are not among them; a regular expression must match some. */
function unknownValues({ labels }: Metric, label: string, operator: string, value: string): string[] {
  const listed = labels[label];
  if (listed === undefined || typeof listed === 'string' || value === 'any' || value === '') return [];
  if (!operator.includes('~')) return listed.includes(value) ? [] : [value];
  return value.split('|').filter((part) => !listed.some((one) => new RegExp(`^(?:${part})$`).test(one)));
}
