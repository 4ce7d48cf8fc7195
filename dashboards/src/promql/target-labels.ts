/**
 * Labels that a scrape adds to every series, whatever the metric: where the process runs, of which BundlerConfig it is and
 * which part of it. The operator's PodMonitor sets the last two; who scrapes without it sets them in the scrape's configuration.
 */
export const targetLabels = ['namespace', 'config', 'component', 'pod', 'job', 'instance', 'cluster'] as const;
export type TargetLabel = (typeof targetLabels)[number];

/** One platform. Every alert and every rule is about one, or about a part of one. */
export const platform = ['namespace', 'config'] as const;
