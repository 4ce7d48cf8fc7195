import { type ResourceType, resources } from './kube/resources.ts';

/** A rule of a Role (rbac.authorization.k8s.io/v1). */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly Verb[];
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

const may = ({ group, plural }: ResourceType, ...verbs: Verb[]): PolicyRule => ({
  apiGroups: [group],
  resources: [plural],
  verbs,
});
const subresource = ({ group, plural }: ResourceType, name: string, ...verbs: Verb[]): PolicyRule => ({
  apiGroups: [group],
  resources: [`${plural}/${name}`],
  verbs,
});

/**
 * What is always made for a BundlerConfig: followed in the cache, applied (a patch, which needs `create` where there is
 * nothing yet), and read once more before something is called drift. The garbage collector takes it away.
 */
const kept = (type: ResourceType): PolicyRule => may(type, 'get', 'list', 'watch', 'create', 'patch');
/** What another spec may not want any more. */
const made = (type: ResourceType): PolicyRule => may(type, 'get', 'list', 'watch', 'create', 'patch', 'delete');

/** What the operator may do where BundlerConfigs are looked after. Nothing in it can read a Secret it is not told to. */
export const watchedRules: readonly PolicyRule[] = [
  may(resources.bundlerConfigs, 'list', 'watch', 'patch'),
  subresource(resources.bundlerConfigs, 'status', 'patch'),
  kept(resources.serviceAccounts),
  kept(resources.configMaps),
  made(resources.services),
  made(resources.deployments),
  made(resources.jobs),
  made(resources.horizontalPodAutoscalers),
  made(resources.podDisruptionBudgets),
  made(resources.networkPolicies),
  made(resources.scaledObjects),
  made(resources.triggerAuthentications),
  made(resources.podMonitors),
  may(resources.controllerRevisions, 'list', 'create', 'patch', 'delete'),
  may(resources.pods, 'list', 'watch'),
  // By the names that specs give. The right to list or watch them would be the right to read them all.
  may(resources.secrets, 'get'),
  may(resources.events, 'create', 'patch'),
];

/** What it may do in its own namespace: to say who leads. */
export const ownRules: readonly PolicyRule[] = [may(resources.leases, 'get', 'create', 'update')];
