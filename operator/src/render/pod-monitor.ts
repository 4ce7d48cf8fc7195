import type { SpecConfig } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { metadata } from './labels.ts';
import type { PodMonitor } from './manifest.ts';
import { ADMIN_PORT, MIGRATIONS_COMPONENT, monitorName, SHARED_COMPONENT } from './names.ts';

/** Labels of every series that boards and alerts go by: of which BundlerConfig a pod is, and which part of it. */
const relabelings = (['instance', 'component'] as const).map((label) => ({
  sourceLabels: [`__meta_kubernetes_pod_label_app_kubernetes_io_${label}`],
  targetLabel: label === 'instance' ? 'config' : label,
}));

/** Tells Prometheus to scrape each pod by itself: every process counts its own, and workers have no Service. */
export function podMonitors(config: SpecConfig, facts: Facts): PodMonitor[] {
  if (config.monitors === 'None' || !facts.cluster?.monitors.pod) return [];
  const own = metadata(facts, monitorName(facts.name), SHARED_COMPONENT);
  return [
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: { ...own, labels: { ...config.monitorLabels, ...own.labels } },
      spec: {
        selector: {
          matchLabels: { 'app.kubernetes.io/name': 'bundler', 'app.kubernetes.io/instance': facts.name },
          matchExpressions: [{ key: 'app.kubernetes.io/component', operator: 'NotIn', values: [MIGRATIONS_COMPONENT] }],
        },
        podMetricsEndpoints: [{ port: ADMIN_PORT, path: '/bundler_metrics', interval: '15s', relabelings }],
      },
    },
  ];
}
