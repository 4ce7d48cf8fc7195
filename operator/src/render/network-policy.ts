import { type SpecConfig, workerGroups } from '@bundler/contract';
import { adminPort } from './deployment.ts';
import { egressOf, type Need } from './egress.ts';
import type { Facts } from './facts.ts';
import { metadata, selectorLabels } from './labels.ts';
import type { NetworkPolicy, Part } from './manifest.ts';
import {
  ADMIN_COMPONENT,
  adminName,
  MIGRATIONS_COMPONENT,
  migrationsName,
  PAYMENT_COMPONENT,
  paymentName,
  SHARED_COMPONENT,
  UPLOAD_COMPONENT,
  uploadName,
  workersComponent,
  workersPolicyName,
} from './names.ts';

const UPLOAD: readonly Need[] = ['database', 'redis', 'objectStore', 'arweave', 'collector', 'payment'];
const ADMIN: readonly Need[] = ['database', 'redisQueue', 'payment'];
const WORKERS: readonly Need[] = [...UPLOAD, 'optical'];
const PAYMENT: readonly Need[] = [
  'paymentDatabase',
  'redisCache',
  'arweave',
  'rates',
  'networks',
  'collector',
  'cards',
  'mail',
];

/** What each program may receive and reach, and nothing else. The kubelet's probes are allowed by every network. */
export function networkPolicies(config: SpecConfig, facts: Facts): NetworkPolicy[] {
  if (!config.networkPolicyEnabled) return [];
  const scrapes = ingress(adminPort(facts), monitoring(config));
  const clients = ingress(config.uploadPort, config.networkPolicyClients);
  const components = workerGroups(config).map(({ queue }) => workersComponent(queue));
  return [
    policy(uploadName(facts.name), UPLOAD_COMPONENT, facts, {
      podSelector: { matchLabels: selectorLabels(facts.name, UPLOAD_COMPONENT) },
      ingress: [clients, scrapes],
      egress: egressOf(UPLOAD, config),
    }),
    policy(workersPolicyName(facts.name), SHARED_COMPONENT, facts, {
      podSelector: {
        matchLabels: { 'app.kubernetes.io/instance': facts.name },
        matchExpressions: [{ key: 'app.kubernetes.io/component', operator: 'In', values: components }],
      },
      ingress: [scrapes],
      egress: egressOf(WORKERS, config),
    }),
    ...(config.adminEnabled
      ? [
          policy(adminName(facts.name), ADMIN_COMPONENT, facts, {
            podSelector: { matchLabels: selectorLabels(facts.name, ADMIN_COMPONENT) },
            ingress: [ingress(config.adminServicePort, config.networkPolicyAdmins), scrapes],
            egress: egressOf(ADMIN, config),
          }),
        ]
      : []),
    policy(migrationsName(facts.name), MIGRATIONS_COMPONENT, facts, {
      podSelector: { matchLabels: selectorLabels(facts.name, MIGRATIONS_COMPONENT) },
      // Nothing comes in. The API server drops an empty list, and would then see a change each time it is applied.
      egress: egressOf(['database', 'paymentDatabase'], config),
    }),
    ...(config.paymentEnabled ? [paymentPolicy(config, facts, scrapes)] : []),
  ];
}

/** Clients reach the payment service as they reach the upload API, and so do the programs that ask it. */
function paymentPolicy(config: SpecConfig, facts: Facts, scrapes: Part): NetworkPolicy {
  const { networkPolicyClients, paymentPort } = config;
  const own = { podSelector: { matchLabels: { 'app.kubernetes.io/instance': facts.name } } };
  return policy(paymentName(facts.name), PAYMENT_COMPONENT, facts, {
    podSelector: { matchLabels: selectorLabels(facts.name, PAYMENT_COMPONENT) },
    ingress: [
      // A list that names clients leaves our own pods out.
      ingress(paymentPort, networkPolicyClients.length > 0 ? [...networkPolicyClients, own] : []),
      scrapes,
    ],
    egress: egressOf(PAYMENT, config),
  });
}

function policy(name: string, component: string, facts: Facts, spec: Part): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(facts, name, component),
    spec: { ...spec, policyTypes: ['Ingress', 'Egress'] },
  };
}

/** Pods anywhere in the cluster, unless the spec names who scrapes. */
function monitoring({ networkPolicyMonitoring: from }: SpecConfig): readonly Part[] {
  return from.length > 0 ? from : [{ namespaceSelector: {} }];
}

/** One port for the given peers; for everybody when there are none. */
function ingress(port: number, from: readonly Part[]): Part {
  return { ports: [{ protocol: 'TCP', port }], ...(from.length > 0 ? { from } : {}) };
}
