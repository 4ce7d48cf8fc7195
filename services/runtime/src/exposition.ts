import { type Metric, type OpenMetricsContentType, Registry } from 'prom-client';

/** Metrics as a scraper asked for them. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/**
 * Prints a registry. A scraper that accepts OpenMetrics gets it, and with it the traces that buckets name; all others get
 * Prometheus' text format, which has no place for them.
 *
 * @param accept the scraper's Accept header
 */
export async function expose(registry: Registry, accept: string | undefined): Promise<Exposition> {
  const printed = accept?.includes('application/openmetrics-text') ? openMetrics(registry) : registry;
  return { contentType: printed.contentType, text: await printed.metrics() };
}

/** The same metrics for OpenMetrics. prom-client renames counters when it prints it, so it is given others of that name. */
function openMetrics(registry: Registry): Registry<OpenMetricsContentType> {
  const open = new Registry<OpenMetricsContentType>();
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const metric of registry.getMetricsAsArray()) {
    const name = { value: metric.name, writable: true, enumerable: true };
    const type = { value: openMetricsType(metric), enumerable: true };
    open.registerMetric(Object.create(metric, { name, type }) as Metric);
  }
  return open;
}

/** There every counter ends in `_total`, and prom-client sees to that. A legacy name has to stay what it is, so it loses its type. */
function openMetricsType({ name, type }: { readonly name: string; readonly type: unknown }): unknown {
  return type === 'counter' && !name.endsWith('_total') ? 'unknown' : type;
}
