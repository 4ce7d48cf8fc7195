import { type MetricDefinition, metrics as platformMetrics } from '@bundler/contract';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

interface Instruments {
  counter: Counter;
  gauge: Gauge;
  histogram: Histogram;
}

/** One instrument for each metric of a group of the contract, and the registry that prints them. */
export type MetricsOf<Group extends Record<string, MetricDefinition>> = {
  readonly [Name in keyof Group]: Instruments[Group[Name]['type']];
} & { readonly registry: Registry };

/** Those of the services. */
export type Metrics = MetricsOf<typeof platformMetrics>;

export interface MetricsOptions {
  /** Node's own process metrics too. */
  readonly processMetrics?: boolean;
}

function create(definition: MetricDefinition, registry: Registry): Counter | Gauge | Histogram {
  const options = {
    name: definition.name,
    help: definition.help,
    labelNames: [...definition.labels],
    registers: [registry],
  };
  if (definition.type === 'counter') return new Counter(options);
  if (definition.type === 'gauge') return new Gauge(options);
  return new Histogram({ ...options, buckets: [...(definition.buckets ?? [])] });
}

/** Registers the metrics of a group in a registry of its own. */
export function registerMetrics<Group extends Record<string, MetricDefinition>>(
  group: Group,
  options: MetricsOptions = {},
): MetricsOf<Group> {
  const registry = new Registry();
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  const instruments = Object.entries(group).map(([name, definition]) => [name, create(definition, registry)]);
  return { ...Object.fromEntries(instruments), registry } as unknown as MetricsOf<Group>;
}

/** Registers every metric of the services. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  return registerMetrics(platformMetrics, options);
}
