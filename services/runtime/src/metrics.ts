import { type Component, type MetricDefinition, metrics as platformMetrics } from '@bundler/contract';
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import { legacyMetric } from './legacy-metric.ts';
import { currentTraceId } from './trace.ts';

interface Instruments {
  counter: Counter;
  gauge: Gauge;
  histogram: Histogram;
}

/** One instrument for each metric of a group of the contract, and the registry that prints those of this process. */
export type MetricsOf<Group extends Record<string, MetricDefinition>> = {
  readonly [Name in keyof Group]: Instruments[Group[Name]['type']];
} & { readonly registry: Registry };

/** Those of the services. */
export type Metrics = MetricsOf<typeof platformMetrics>;

export interface MetricsOptions {
  /**
   * Which process this is: the registry prints what it reports, and of no metric a 0 that only another process can count.
   * Without it, everything.
   */
  readonly component?: Component;
  /** Node's own process metrics too. */
  readonly processMetrics?: boolean;
  /** Its metrics under their legacy names too. */
  readonly legacyNames?: boolean;
}

/** Gauges of Node's that are named like counters: a linter of metrics refuses them, and others tell the same. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

function create(definition: MetricDefinition): Counter | Gauge | Histogram {
  const { name, help, type, buckets = [], exemplars = false } = definition;
  // Registered by hand: prom-client takes no exemplars into a registry that is also printed as plain text.
  const options = { name, help, labelNames: Object.keys(definition.labels), registers: [] };
  if (type === 'gauge') return new Gauge(options);
  if (type === 'histogram') return new Histogram({ ...options, buckets: [...buckets], enableExemplars: exemplars });
  const counter = new Counter(options);
  // A counter that is first seen at 1 has, for Prometheus, never increased.
  for (const labels of combinations(definition.labels)) counter.inc(labels, 0);
  return counter;
}

/** Every combination of values of labels that list all they can have; none when one does not. */
function combinations(labels: MetricDefinition['labels']): Record<string, string>[] {
  let all: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(labels)) {
    if (typeof values === 'string') return [];
    all = all.flatMap((one) => values.map((value) => ({ ...one, [label]: value })));
  }
  return all;
}

/** Makes the metrics of a group, and a registry of its own for those that this process reports. */
export function registerMetrics<Group extends Record<string, MetricDefinition>>(
  group: Group,
  options: MetricsOptions = {},
): MetricsOf<Group> {
  const { component, legacyNames, processMetrics } = options;
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const instruments = Object.entries(group).map(([name, definition]) => {
    const instrument = create(definition);
    if (component === undefined || definition.components.includes(component)) {
      registry.registerMetric(instrument);
      if (legacyNames) registerLegacy(registry, instrument, definition);
    }
    return [name, instrument];
  });
  return { ...Object.fromEntries(instruments), registry } as unknown as MetricsOf<Group>;
}

function registerLegacy(registry: Registry, instrument: Metric, definition: MetricDefinition): void {
  for (const legacy of definition.legacy ?? []) registry.registerMetric(legacyMetric(instrument, definition, legacy));
}

/** Makes every metric of the services. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  return registerMetrics(platformMetrics, options);
}

/** Observes in a histogram whose buckets name traces: the one that this code runs for, if it is recorded. */
export function observeTraced(histogram: Histogram, labels: Record<string, string | number>, value: number): void {
  const traceId = currentTraceId();
  histogram.observe({ labels, value, ...(traceId !== undefined && { exemplarLabels: { trace_id: traceId } }) });
}
