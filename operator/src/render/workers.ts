import {
  fixedReplicas,
  isScaledByQueue,
  type QueueName,
  queues,
  type SpecConfig,
  type WorkerGroup,
  workerGroups,
} from '@bundler/contract';
import { deployment } from './deployment.ts';
import { renderWorkerEnv } from './env.ts';
import type { Facts } from './facts.ts';
import type { Deployment } from './manifest.ts';
import { workersComponent, workersName } from './names.ts';
import { nodeCommand } from './node-command.ts';
import { podAdditions } from './pod-additions.ts';
import { containerResources } from './resources.ts';
import { evenSpread } from './spread.ts';

/** The workers: a Deployment for each queue, or one whose processes serve all queues. */
export function workerDeployments(config: SpecConfig, facts: Facts): Deployment[] {
  return workerGroups(config).map((group) => workerDeployment(group, config, facts));
}

function workerDeployment({ queue, queues: served }: WorkerGroup, config: SpecConfig, facts: Facts): Deployment {
  const component = workersComponent(queue);
  const additions = podAdditions('workersPod', config);
  const spread = additions.topologySpreadConstraints;
  const running = {
    name: workersName(facts.name, queue),
    replicas: queue === undefined ? config.workerInstances : queueReplicas(queue, config, facts),
    singleton: queue !== undefined && queues[queue].singleton,
    ports: [],
  };
  const program = {
    component,
    command: nodeCommand(config, 'services/workers/src/main.ts', '--queues', queue ?? 'all'),
    env: renderWorkerEnv(served, config, facts),
    resources: containerResources(queue ?? 'combined', config),
    additions,
    pod: { topologySpreadConstraints: spread.length > 0 ? spread : evenSpread(facts.name, component) },
  };
  return deployment(running, program, config, facts);
}

/** Whether the number of a queue's pods is left to KEDA. */
export function isQueueAutoscaled(queue: QueueName, config: SpecConfig, { cluster }: Facts): boolean {
  return cluster?.keda === true && isScaledByQueue(queue, config);
}

function queueReplicas(queue: QueueName, config: SpecConfig, facts: Facts): number | undefined {
  return isQueueAutoscaled(queue, config, facts) ? undefined : fixedReplicas(queue, config);
}
