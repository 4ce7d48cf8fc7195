import { kebabName, type QueueName, queueNames, type SpecConfig } from '@bundler/contract';
import { deployment } from './deployment.ts';
import { renderWorkerEnv } from './env.ts';
import type { Facts } from './facts.ts';
import type { Deployment } from './manifest.ts';
import { combinedWorkersName, queueWorkersName } from './names.ts';

const command = (queues: string) => ['node', 'services/workers/src/main.ts', '--queues', queues];

/** The workers: a Deployment for each queue, or one whose processes serve all queues. */
export function workerDeployments(config: SpecConfig, facts: Facts): Deployment[] {
  return config.workersLayout === 'Combined'
    ? [combined(config, facts)]
    : queueNames.map((queue) => forQueue(queue, config, facts));
}

function combined(config: SpecConfig, facts: Facts): Deployment {
  const program = {
    name: combinedWorkersName(facts.name),
    component: 'workers',
    replicas: config.workerInstances,
    command: command('all'),
    env: renderWorkerEnv(queueNames, config, facts),
    ports: [],
  };
  return deployment(program, config, facts);
}

function forQueue(queue: QueueName, config: SpecConfig, facts: Facts): Deployment {
  const program = {
    name: queueWorkersName(facts.name, queue),
    component: `workers-${kebabName(queue)}`,
    replicas: 1,
    command: command(queue),
    env: renderWorkerEnv([queue], config, facts),
    ports: [],
  };
  return deployment(program, config, facts);
}
