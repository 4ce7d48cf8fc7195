import { type QueueName, queueNames, queues } from '../../queues/index.ts';
import type { SpecConfig } from '../tree.ts';

/** The workers that run together: one queue's, or those of all queues. */
export interface WorkerGroup {
  /** Part of object names, and the label `component` after `workers-`; empty for the Combined layout. */
  readonly queue: QueueName | undefined;
  readonly queues: readonly QueueName[];
}

/** The worker Deployments of a spec: one a queue, or one for all. */
export function workerGroups(config: Pick<SpecConfig, 'workersLayout'>): readonly WorkerGroup[] {
  return config.workersLayout === 'Combined'
    ? [{ queue: undefined, queues: queueNames }]
    : queueNames.map((queue) => ({ queue, queues: [queue] }));
}

/** Whether something other than the spec may choose the number of a queue's pods. */
export function isScaledByQueue(queue: QueueName, config: SpecConfig): boolean {
  return config[`${queue}ScalingMode`] === 'Queue' && config[`${queue}MinReplicas`] < config[`${queue}MaxReplicas`];
}

/** The number of a queue's pods when nothing scales them. */
export function fixedReplicas(queue: QueueName, config: SpecConfig): number {
  const replicas = config[`${queue}Replicas`];
  if (config[`${queue}ScalingMode`] === 'Fixed') return replicas;
  return Math.min(Math.max(replicas, config[`${queue}MinReplicas`]), config[`${queue}MaxReplicas`]);
}

/** Most pods that a group ever has beside those of a rollout. */
export function mostReplicas({ queue }: WorkerGroup, config: SpecConfig): number {
  if (queue === undefined) return config.workerInstances;
  return config[`${queue}ScalingMode`] === 'Fixed' ? config[`${queue}Replicas`] : config[`${queue}MaxReplicas`];
}

/** Pods that a rollout adds before it takes old ones away. A singleton is replaced: the old pod goes first. */
export function surgeOf({ queue }: WorkerGroup): number {
  return queue !== undefined && queues[queue].singleton ? 0 : 1;
}
