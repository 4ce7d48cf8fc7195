import { PROCESS_MEMORY, queueNames, queues } from '@bundler/contract';
import { fieldPath, reader, textList } from '../paths.ts';
import { budgetBroken, connectionBudget, paymentBudgetBroken, paymentConnectionBudget } from './budget.ts';
import type { CelRule } from './define.ts';

const { value, bytes, queueNamed } = reader('self');
const budget = connectionBudget('self');
const payment = paymentConnectionBudget('self');

/** What one job of each queue needs, by the queue's name. */
const memoryPerJob = `{${queueNames.map((name) => `'${name}': ${queues[name].memoryPerJob}`).join(', ')}}`;
const tooLittle = '%d jobs at once and the process itself may need %d MB; raise it or lower the concurrency';

/** The rules about what only a cluster has, by the name that they have in the contract. */
export const clusterRules: Readonly<Record<string, readonly CelRule[]>> = {
  backingServices: [
    {
      rule: (['databaseSecretName', 'redisQueueHost', 'redisCacheHost', 'walletSecretName'] as const)
        .map((name) => `${value(name)} != ''`)
        .join(' && '),
    },
  ],
  rawWallet: [
    {
      rule: `!${value('rawUploadsEnabled')} || ${value('rawWalletSecretName')} != ''`,
      fieldPath: fieldPath('rawWalletSecretName'),
    },
  ],
  paymentSecret: [
    {
      rule: `!${value('paymentEnabled')} || ${value('paymentSecretName')} != ''`,
      fieldPath: fieldPath('paymentSecretName'),
    },
  ],
  adminKeys: [
    {
      rule: `!${value('adminEnabled')} || ${value('adminKeysSecretName')} != ''`,
      fieldPath: fieldPath('adminKeysSecretName'),
    },
  ],
  connectionBudget: [
    {
      rule: `${budget.possible} <= ${budget.available}`,
      messageExpression: budget.message(budgetBroken),
      fieldPath: fieldPath('databaseMaxConnections'),
    },
  ],
  paymentConnectionBudget: [
    {
      rule: `${payment.isUnsaid} || ${payment.possible} <= ${payment.limit}`,
      messageExpression: payment.message(paymentBudgetBroken),
      fieldPath: fieldPath('paymentDatabaseMaxConnections'),
    },
  ],
  workerMemory: [memoryOfEach(), memoryOfAll()],
};

/** Where each queue has pods of its own: what their jobs need beside the process itself. */
function memoryOfEach(): CelRule {
  const jobs = `int(${queueNamed('n')}.concurrency)`;
  const needed = `${PROCESS_MEMORY} + ${jobs} * m[n]`;
  const limit = `quantity(string(${queueNamed('n')}.resources.limits.memory)).asInteger()`;
  const told = `'workers.%s.resources.limits.memory: ${tooLittle}'.format([n, ${jobs}, (${needed}) / 1000000])`;
  return {
    rule: `${value('workersLayout')} != 'PerQueue' || [${memoryPerJob}].all(m, m.all(n, ${needed} <= ${limit}))`,
    messageExpression: `[${memoryPerJob}].map(m, m.filter(n, ${needed} > ${limit}).map(n, ${told}).join('; '))[0]`,
  };
}

/** Where one process serves all queues: what the jobs of all of them need beside it. */
function memoryOfAll(): CelRule {
  const jobs = `${textList(queueNames)}.map(n, int(${queueNamed('n')}.concurrency)).sum()`;
  const forJobs = `[${memoryPerJob}].map(m, m.map(n, int(${queueNamed('n')}.concurrency) * m[n]).sum())[0]`;
  const needed = `${PROCESS_MEMORY} + ${forJobs}`;
  return {
    rule: `${value('workersLayout')} != 'Combined' || ${needed} <= ${bytes('combinedMemoryLimit')}`,
    messageExpression: `'${tooLittle}'.format([${jobs}, (${needed}) / 1000000])`,
    fieldPath: fieldPath('combinedMemoryLimit'),
  };
}
