import { type ResourceType, resources } from '../kube/resources.ts';

/** The label that every object of ours carries; nothing else is held in memory. */
export const OURS = 'app.kubernetes.io/managed-by=bundler-operator';

/** What every cluster serves and the operator makes. */
export const builtIn: readonly ResourceType[] = [
  resources.serviceAccounts,
  resources.configMaps,
  resources.services,
  resources.networkPolicies,
  resources.jobs,
  resources.deployments,
  resources.podDisruptionBudgets,
  resources.horizontalPodAutoscalers,
];

/** What KEDA brings: of no use one without the other. */
export const keda: readonly ResourceType[] = [resources.scaledObjects, resources.triggerAuthentications];

/** What the operator makes where somebody has installed it. */
export const optional: readonly ResourceType[] = [...keda, resources.podMonitors];

/** What is only looked at. */
export const lookedAt: readonly ResourceType[] = [resources.pods];
