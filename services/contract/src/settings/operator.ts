import { setting } from './define.ts';
import { duration, integer, list, text } from './kinds.ts';

const roles = ['operator'] as const;

/** What the operator itself is told by its environment. No BundlerConfig holds any of it. */
export const operatorSettings = {
  watchNamespaces: setting({
    env: 'WATCH_NAMESPACES',
    path: null,
    kind: list(),
    default: [],
    doc: 'Namespaces whose BundlerConfigs are looked after; empty or `*` means those of all namespaces.',
    roles,
  }),
  platformImage: setting({
    env: 'PLATFORM_IMAGE',
    path: null,
    kind: text(),
    default: '',
    doc: "Image of the platform's processes for a BundlerConfig that names none; without it such a BundlerConfig is refused.",
    roles,
  }),
  podName: setting({
    env: 'POD_NAME',
    path: null,
    kind: text(),
    default: '',
    doc: 'Who this process is among its replicas; empty means the name of the host.',
    roles,
  }),
  podNamespace: setting({
    env: 'POD_NAMESPACE',
    path: null,
    kind: text(),
    default: '',
    doc: 'Namespace of the Lease that decides who leads; empty means the one of the service account or of the kubeconfig.',
    roles,
  }),
  leaseName: setting({
    env: 'LEASE_NAME',
    path: null,
    kind: text(),
    default: 'bundler-operator',
    doc: 'Name of the Lease. Operators that share one take turns; two that look after the same BundlerConfigs must share it.',
    roles,
  }),
  pollInterval: setting({
    env: 'POLL_INTERVAL_MS',
    path: null,
    kind: duration('ms', { min: 100, max: 3_600_000 }),
    default: 30_000,
    doc: 'How soon is noticed what no watch tells of: a Secret that was rotated, KEDA that was installed.',
    roles,
  }),
  operatorLogLevel: setting({
    env: 'LOG_LEVEL',
    path: null,
    kind: text({ values: ['trace', 'debug', 'info', 'warn', 'error'] }),
    default: 'info',
    doc: 'Least level that the operator logs.',
    roles,
  }),
  operatorBindAddress: setting({
    env: 'BIND_ADDRESS',
    path: null,
    kind: text(),
    default: '0.0.0.0',
    doc: 'Address for probes and scrapes.',
    roles,
  }),
  operatorPort: setting({
    env: 'METRICS_PORT',
    path: null,
    kind: integer({ min: 0, max: 65_535 }),
    default: 8080,
    doc: 'Port for `/livez`, `/readyz` and `/metrics`; 0 takes a free one.',
    roles,
  }),
  kubeconfig: setting({
    env: 'KUBECONFIG',
    path: null,
    kind: text(),
    default: '',
    doc: "A kubeconfig, for an operator that runs outside the cluster; empty means the pod's service account.",
    roles,
  }),
};
