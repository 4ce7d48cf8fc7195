export {
  ADMIN_CONNECTIONS,
  type ConnectionBudget,
  type ConnectionLine,
  type Connections,
  type ConnectionUse,
  connectionBudget,
  isNearlyFull,
  isOverBudget,
  MIGRATION_CONNECTIONS,
  NEARLY_FULL_PERCENT,
  paymentConnectionBudget,
} from './budget/connections.ts';
export { type MemoryLine, memoryBudget, PROCESS_MEMORY } from './budget/memory.ts';
export {
  fixedReplicas,
  isScaledByQueue,
  mostReplicas,
  surgeOf,
  type WorkerGroup,
  workerGroups,
} from './budget/pods.ts';
export { defaultSpec } from './default.ts';
export { bundlerConfigKind, bundlerConfigName } from './document.ts';
export {
  type Applies,
  type ClusterConfig,
  type ClusterFieldName,
  clusterFieldGroups,
  clusterFields,
  type Field,
  type Passthrough,
  type PodTemplateAdditions,
} from './fields/index.ts';
export { overrideFromEnv } from './override.ts';
export { valueAt, withValueAt } from './paths.ts';
export { readSpec, type SpecReading } from './read.ts';
export { clusterRules, type SpecRule, type SpecViolation, specRules } from './rules/index.ts';
export { specSchema } from './schema.ts';
export { isField, type SpecConfig, type SpecFieldName, type SpecTree, specFields, specTree } from './tree.ts';
