import { selectorLabels } from './labels.ts';
import type { Part } from './manifest.ts';

/**
 * Pods of one program stand on different hosts and in different zones where that is possible. Only pods of the same
 * revision are compared, or a rollout would spread the new ones around the old.
 */
export function evenSpread(instance: string, component: string): readonly Part[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(instance, component) },
    matchLabelKeys: ['pod-template-hash'],
  }));
}
