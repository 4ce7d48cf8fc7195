import type { LegacyName, MetricDefinition } from '@bundler/contract';
import type { Metric } from 'prom-client';

type Labels = Readonly<Partial<Record<string, string | number>>>;

/** A sample as prom-client has it; those of a histogram have a name of their own. */
interface Sample {
  readonly metricName?: string | undefined;
  readonly labels: Labels;
  readonly value: number;
}

/** A metric under one of its legacy names: whenever it is printed it is made from what the metric says then, and counts nothing itself. */
export function legacyMetric(source: Metric, { name, type }: MetricDefinition, legacy: LegacyName): Metric {
  const metric = {
    name: legacy.name,
    help: helpOf(name, legacy),
    type,
    // Whoever prints OpenMetrics gives it another name and another type.
    async get() {
      const samples = (await source.get()).values as readonly Sample[];
      const values = underLegacyName(samples, legacy).map((sample) => ({
        ...sample,
        metricName: sample.metricName?.replace(name, this.name),
      }));
      return { name: this.name, help: this.help, type: this.type, values };
    },
  };
  return metric as unknown as Metric;
}

/** Samples with the labels of a legacy name: those that count, added up where they differ in none of them. */
export function underLegacyName(samples: readonly Sample[], legacy: LegacyName): Sample[] {
  const sums = new Map<string, Sample>();
  // What else there may be of a sample, such as the trace that a bucket names, is of one and not of a sum.
  for (const { labels: ours, metricName, value } of samples) {
    const labels = translated(ours, legacy);
    if (labels === undefined) continue;
    const key = JSON.stringify([metricName, labels]);
    sums.set(key, { metricName, labels, value: (sums.get(key)?.value ?? 0) + value });
  }
  return [...sums.values()];
}

/** What the labels are there; undefined when they do not count. */
function translated(ours: Labels, { only = {}, labels = {} }: LegacyName): Labels | undefined {
  if (Object.entries(only).some(([label, value]) => ours[label] !== value)) return undefined;
  const theirs = Object.entries(labels).map(([label, { from, values }]) => {
    const value = ours[from] ?? '';
    return [label, values ? values[value] : value] as const;
  });
  if (theirs.some(([, value]) => value === undefined)) return undefined;
  // The bound of a bucket is no label of anybody's.
  return { ...Object.fromEntries(theirs), ...(ours.le !== undefined && { le: ours.le }) };
}

function helpOf(name: string, { only = {} }: LegacyName): string {
  const where = Object.entries(only).map(([label, value]) => `${label} is ${value}`);
  return `A legacy name of ${name}${where.length > 0 ? ` where ${where.join(' and ')}` : ''}.`;
}
