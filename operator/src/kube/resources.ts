import type { KubeObject } from './objects.ts';

/** One kind of objects and where the API server serves it. */
export interface ResourceType {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Name in paths. */
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const core = (plural: string, kind: string): ResourceType => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced: true,
});
const of = (group: string, version: string, plural: string, kind: string): ResourceType => ({
  group,
  version,
  plural,
  kind,
  namespaced: true,
});

/** Every kind that the operator reads or writes. */
export const resources = {
  bundlerConfigs: of('bundler.permaweb.dev', 'v1alpha1', 'bundlerconfigs', 'BundlerConfig'),
  configMaps: core('configmaps', 'ConfigMap'),
  secrets: core('secrets', 'Secret'),
  services: core('services', 'Service'),
  serviceAccounts: core('serviceaccounts', 'ServiceAccount'),
  pods: core('pods', 'Pod'),
  namespaces: { ...core('namespaces', 'Namespace'), namespaced: false },
  deployments: of('apps', 'v1', 'deployments', 'Deployment'),
  replicaSets: of('apps', 'v1', 'replicasets', 'ReplicaSet'),
  controllerRevisions: of('apps', 'v1', 'controllerrevisions', 'ControllerRevision'),
  jobs: of('batch', 'v1', 'jobs', 'Job'),
  horizontalPodAutoscalers: of('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
  podDisruptionBudgets: of('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  networkPolicies: of('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy'),
  roles: of('rbac.authorization.k8s.io', 'v1', 'roles', 'Role'),
  roleBindings: of('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding'),
  leases: of('coordination.k8s.io', 'v1', 'leases', 'Lease'),
  events: of('events.k8s.io', 'v1', 'events', 'Event'),
  scaledObjects: of('keda.sh', 'v1alpha1', 'scaledobjects', 'ScaledObject'),
  triggerAuthentications: of('keda.sh', 'v1alpha1', 'triggerauthentications', 'TriggerAuthentication'),
  serviceMonitors: of('monitoring.coreos.com', 'v1', 'servicemonitors', 'ServiceMonitor'),
  podMonitors: of('monitoring.coreos.com', 'v1', 'podmonitors', 'PodMonitor'),
  prometheusRules: of('monitoring.coreos.com', 'v1', 'prometheusrules', 'PrometheusRule'),
  customResourceDefinitions: {
    ...of('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition'),
    namespaced: false,
  },
} as const satisfies Record<string, ResourceType>;

/** Names one object. */
export interface ObjectRef {
  readonly type: ResourceType;
  /** Required for namespaced types. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

const byKind = new Map(Object.values(resources).map((type) => [`${apiVersionOf(type)} ${type.kind}`, type]));

/** `group/version`, or only the version in the core group. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/**
 * The resource of an object, by its `apiVersion` and `kind`.
 * @throws Error for a kind that the operator does not know: its manifests come from its own renderer
 */
export function resourceOf(object: Pick<KubeObject, 'apiVersion' | 'kind'>): ResourceType {
  const type = byKind.get(`${object.apiVersion} ${object.kind}`);
  if (!type) throw new Error(`no resource is known for ${object.apiVersion} ${object.kind}: add it to resources.ts`);
  return type;
}

export function refOf(object: KubeObject): ObjectRef {
  return { type: resourceOf(object), namespace: object.metadata.namespace, name: object.metadata.name };
}

/** `Deployment/prod-upload-api`: how people name an object. */
export function nameOf(ref: ObjectRef): string {
  return `${ref.type.kind}/${ref.name}`;
}

/** The path of a group and version, under which its resources are. */
export function groupPath(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
}

/** The path of all objects of a type, in one namespace or, without one, in all. */
export function collectionPath(type: ResourceType, namespace?: string): string {
  const folder = type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${groupPath(type)}${folder}/${type.plural}`;
}

/** The path of one object, or of a subresource of it such as `status`. */
export function objectPath(ref: ObjectRef, subresource?: string): string {
  // Without this, the request would go to the list of all namespaces and fail with a message about something else.
  if (ref.type.namespaced && !ref.namespace) throw new Error(`${nameOf(ref)} needs a namespace`);
  if (ref.name === '') throw new Error(`a ${ref.type.kind} needs a name`);
  const path = `${collectionPath(ref.type, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}
