import { PROCESS_MEMORY, queues, workerGroups } from '@bundler/contract';
import { fieldPath, reader } from '../paths.ts';
import { budgetBroken, connectionBudget } from './budget.ts';
import type { CelRule } from './define.ts';

const { value, bytes } = reader('self');
const budget = connectionBudget('self');

/** The rules about what only a cluster has, by the name that they have in the contract. */
export const clusterRules: Readonly<Record<string, readonly CelRule[]>> = {
  backingServices: [
    {
      rule: (['databaseSecretName', 'redisQueueHost', 'redisCacheHost', 'walletSecretName'] as const)
        .map((name) => `${value(name)} != ''`)
        .join(' && '),
    },
  ],
  connectionBudget: [
    {
      rule: `${budget.possible} <= ${budget.available}`,
      messageExpression: budget.message(budgetBroken),
      fieldPath: fieldPath('databaseMaxConnections'),
    },
  ],
  workerMemory: (['PerQueue', 'Combined'] as const).flatMap(workerMemory),
};

/** What the jobs of each worker Deployment need beside the process itself, in the layout in which there is one. */
function workerMemory(layout: 'PerQueue' | 'Combined'): CelRule[] {
  return workerGroups({ workersLayout: layout }).map(({ queue, queues: served }) => {
    const limit = `${queue ?? 'combined'}MemoryLimit` as const;
    const jobs = served.map((name) => value(`${name}Concurrency`)).join(' + ');
    const forJobs = served.map((name) => `${value(`${name}Concurrency`)} * ${queues[name].memoryPerJob}`).join(' + ');
    const needed = `${PROCESS_MEMORY} + ${forJobs}`;
    return {
      rule: `${value('workersLayout')} != '${layout}' || ${needed} <= ${bytes(limit)}`,
      messageExpression: `'%d jobs at once and the process itself may need %d MB; raise it or lower the concurrency'.format([${jobs}, (${needed}) / 1000000])`,
      fieldPath: fieldPath(limit),
    };
  });
}
