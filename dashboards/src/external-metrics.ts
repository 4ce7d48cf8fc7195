import type { Metric } from './promql/index.ts';

/** A metric that others report, as the version says that was read. */
export interface ExternalMetric extends Metric {
  /** Who reports it, and in which version it was looked up. */
  readonly source: string;
  /** Where its name and its labels were looked up: nothing here can run what only a cluster has. */
  readonly documented: string;
}

function from(source: string, documented: string) {
  const define =
    <const T extends Metric['type']>(type: T) =>
    <const L extends Metric['labels'] = { readonly [Label in never]: string }>(
      name: string,
      help: string,
      labels = {} as L,
    ) => ({
      name,
      type,
      help,
      labels,
      source,
      documented,
    });
  return { counter: define('counter'), gauge: define('gauge'), histogram: define('histogram') };
}

const node = from(
  'prom-client 15.1.3, in every process of ours',
  'https://github.com/siimon/prom-client/tree/v15.1.3/lib/metrics',
);
const kube = from(
  'kube-state-metrics 2.17',
  'https://github.com/kubernetes/kube-state-metrics/tree/v2.17.0/docs/metrics/workload',
);
const keda = from('KEDA 2.20', 'https://keda.sh/docs/latest/integrations/prometheus/');
const prometheus = from('Prometheus 2.42 to 3', 'https://prometheus.io/docs/concepts/jobs_instances/');

const where = { pod: 'the pods', container: 'the containers' };
/** KEDA's own namespace wins the name of the label, unless the scrape honours labels. */
const scaled = { exported_namespace: 'those of the platforms', scaledObject: 'one a queue', scaler: '', metric: '' };

/** What boards and alerts use beside our own metrics. Where it is not there, panels say so and alerts stay silent. */
export const external = {
  up: prometheus.gauge('up', 'Whether the last scrape worked.'),
  alerts: prometheus.gauge('ALERTS', 'Alerts that are pending or firing.', {
    alertname: 'the alerts',
    alertstate: ['pending', 'firing'],
    severity: ['critical', 'warning', 'info', 'none'],
  }),
  processStart: node.gauge('process_start_time_seconds', 'When the process started, Unix time.'),
  processCpu: node.counter('process_cpu_seconds_total', 'CPU time of the process.'),
  processMemory: node.gauge('process_resident_memory_bytes', 'Memory of the process.'),
  processFiles: node.gauge('process_open_fds', 'Files and sockets that the process has open.'),
  heapUsed: node.gauge('nodejs_heap_size_used_bytes', "What V8's heap holds."),
  eventLoopP99: node.gauge(
    'nodejs_eventloop_lag_p99_seconds',
    'How late timers are, 99th percentile since the last scrape.',
  ),
  garbageCollection: node.histogram('nodejs_gc_duration_seconds', 'Pauses of the garbage collector.', {
    kind: ['major', 'minor', 'incremental', 'weakcb'],
  }),
  containerRestarts: kube.counter('kube_pod_container_status_restarts_total', 'Restarts of a container.', where),
  containerLastEnd: kube.gauge('kube_pod_container_status_last_terminated_reason', 'Why a container ended last.', {
    ...where,
    reason: ['OOMKilled', 'Error', 'Completed', 'ContainerCannotRun', 'DeadlineExceeded', 'Evicted'],
  }),
  deploymentWanted: kube.gauge('kube_deployment_spec_replicas', 'Pods that a Deployment is to have.', {
    deployment: 'the Deployments',
  }),
  deploymentReady: kube.gauge('kube_deployment_status_replicas_ready', 'Pods of a Deployment that are ready.', {
    deployment: 'the Deployments',
  }),
  autoscalerCurrent: kube.gauge('kube_horizontalpodautoscaler_status_current_replicas', 'Pods under an autoscaler.', {
    horizontalpodautoscaler: 'the autoscalers',
  }),
  autoscalerMax: kube.gauge(
    'kube_horizontalpodautoscaler_spec_max_replicas',
    'Most pods that an autoscaler may ask for.',
    {
      horizontalpodautoscaler: 'the autoscalers',
    },
  ),
  kedaErrors: keda.counter('keda_scaled_object_errors_total', 'Errors of a ScaledObject.', scaled),
  kedaScalerErrors: keda.counter('keda_scaler_detail_errors_total', 'Errors of one trigger of a ScaledObject.', scaled),
  kedaActive: keda.gauge('keda_scaler_active', 'Whether a trigger asks for pods.', scaled),
  kedaValue: keda.gauge('keda_scaler_metrics_value', 'What a trigger measured.', scaled),
  kedaLatency: keda.gauge('keda_scaler_metrics_latency_seconds', 'How long a trigger took to measure.', scaled),
  kedaPaused: keda.gauge('keda_scaled_object_paused', 'Whether a ScaledObject is paused.', scaled),
} as const;
