import { metrics as definitions, type MetricDefinition, type MetricName } from '@bundler/contract';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

interface Instruments {
  counter: Counter;
  gauge: Gauge;
  histogram: Histogram;
}

/** One instrument for each metric of the contract, and the registry that prints them. */
export type Metrics = {
  readonly [Name in MetricName]: Instruments[(typeof definitions)[Name]['type']];
} & { readonly registry: Registry };

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

/** Registers every metric of the contract in a registry of its own, with Node's own process metrics if wanted. */
export function createMetrics(options: { processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  const instruments = Object.entries(definitions).map(([name, definition]) => [name, create(definition, registry)]);
  return { ...Object.fromEntries(instruments), registry } as unknown as Metrics;
}
