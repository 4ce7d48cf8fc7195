import { mostReplicas, type SpecConfig, workerGroups } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { metadata, selectorLabels } from './labels.ts';
import type { PodDisruptionBudget } from './manifest.ts';
import {
  PAYMENT_COMPONENT,
  paymentName,
  UPLOAD_COMPONENT,
  uploadName,
  workersComponent,
  workersName,
} from './names.ts';

/**
 * A drained node takes one pod of a program at a time. Programs that have one pod get none: it would hold up the drain for
 * ever, or allow what happens anyway.
 */
export function disruptionBudgets(config: SpecConfig, facts: Facts): PodDisruptionBudget[] {
  const uploadPods = config.uploadScalingMode === 'Fixed' ? config.uploadReplicas : config.uploadMaxReplicas;
  const workers = workerGroups(config).filter((group) => mostReplicas(group, config) > 1);
  return [
    ...(uploadPods > 1 ? [budget(uploadName(facts.name), UPLOAD_COMPONENT, facts)] : []),
    ...(config.paymentEnabled && config.paymentReplicas > 1
      ? [budget(paymentName(facts.name), PAYMENT_COMPONENT, facts)]
      : []),
    ...workers.map(({ queue }) => budget(workersName(facts.name, queue), workersComponent(queue), facts)),
  ];
}

function budget(name: string, component: string, facts: Facts): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(facts, name, component),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: selectorLabels(facts.name, component) },
      // A pod that is not ready serves nobody: it must not keep a node from being drained.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
