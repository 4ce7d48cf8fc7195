import { boolean, text } from '../../settings/kinds.ts';
import { field } from './define.ts';
import { objects, stringMap } from './kinds.ts';

/** Who may talk to whom, and who watches. */
export const network = {
  networkPolicyEnabled: field({
    path: 'networkPolicy.enabled',
    kind: boolean(),
    default: true,
    doc: 'Renders NetworkPolicies that allow what the platform needs and nothing else.',
  }),
  networkPolicyClients: field({
    path: 'networkPolicy.clients',
    kind: objects('NetworkPolicyPeer'),
    default: [],
    doc: 'Who may reach the upload API; empty means everybody.',
  }),
  networkPolicyAdmins: field({
    path: 'networkPolicy.admins',
    kind: objects('NetworkPolicyPeer'),
    default: [],
    doc: 'Who may reach the admin service, which asks everybody for a key; empty means everybody. Whoever comes by way of the API server has its address.',
  }),
  networkPolicyMonitoring: field({
    path: 'networkPolicy.monitoring',
    kind: objects('NetworkPolicyPeer'),
    default: [],
    doc: 'Who may scrape the admin port beside the kubelet; empty means every pod of the cluster.',
  }),
  networkPolicyExtraEgress: field({
    path: 'networkPolicy.extraEgress',
    kind: objects('NetworkPolicyEgressRule'),
    default: [],
    doc: 'What pods may reach beside DNS and the ports of database, Redis, object store and gateway. A port is the one that the pod behind a Service listens on.',
  }),
  monitors: field({
    path: 'observability.monitors',
    kind: text({ values: ['Auto', 'None'] }),
    default: 'Auto',
    doc: 'Auto renders PodMonitors for the metrics where their CRD is installed.',
  }),
  monitorLabels: field({
    path: 'observability.monitorLabels',
    kind: stringMap(),
    default: {},
    doc: 'Labels of the PodMonitors, by which a Prometheus chooses them, such as the release of its chart.',
  }),
};
