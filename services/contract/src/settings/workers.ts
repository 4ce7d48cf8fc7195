import { envName, type QueueName, queueNames, queues } from '../queues/index.ts';
import { type Setting, setting } from './define.ts';
import { boolean, integer, text } from './kinds.ts';

type ConcurrencySettings = { [Name in QueueName as `${Name}Concurrency`]: Setting<number, string> };
type PausedSettings = { [Name in QueueName as `${Name}Paused`]: Setting<boolean, string> };

/** One concurrency setting a queue, so that a new queue is tunable without another word. */
const concurrency = Object.fromEntries(
  queueNames.map((name) => [
    `${name}Concurrency`,
    setting({
      env: `${envName(name)}_WORKER_CONCURRENCY`,
      path: `workers.${name}.concurrency`,
      kind: integer({ min: 1, max: 100 }),
      default: queues[name].concurrency,
      doc: `Jobs at once in one process, about ${queues[name].memoryPerJob / 1e6} MB each.`,
      roles: ['workers'],
      applies: 'live',
    }),
  ]),
) as unknown as ConcurrencySettings;

/** One pause switch a queue. It stands in the spec, because BullMQ's own pause leaves jobs where autoscalers count them. */
const paused = Object.fromEntries(
  queueNames.map((name) => [
    `${name}Paused`,
    setting({
      env: `${envName(name)}_WORKER_PAUSED`,
      path: `workers.${name}.paused`,
      kind: boolean(),
      default: false,
      doc: 'Lets the queue rest. Jobs in progress finish, and no further ones are begun.',
      roles: ['workers'],
      applies: 'live',
    }),
  ]),
) as unknown as PausedSettings;

export const workers = {
  workersLayout: setting({
    env: 'WORKERS_LAYOUT',
    path: 'workers.layout',
    kind: text({ values: ['PerQueue', 'Combined'] }),
    default: 'PerQueue',
    doc: 'PerQueue runs one Deployment a queue; Combined runs WORKER_INSTANCES processes that each serve all queues.',
    roles: ['renderer'],
  }),
  workerInstances: setting({
    env: 'WORKER_INSTANCES',
    path: 'workers.instances',
    kind: integer({ min: 1, max: 100 }),
    default: 3,
    doc: 'Processes of the Combined layout.',
    roles: ['renderer'],
  }),
  ...concurrency,
  ...paused,
};
