import { type Config, type QueueName, queueNames, workerPoolSize } from '@bundler/contract';

/** Reads `--queues`: `all`, or names separated by commas. @throws Error that lists the names there are */
export function parseQueues(text: string): readonly QueueName[] {
  if (text === 'all') return queueNames;
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!(queueNames as string[]).includes(name)) {
      throw new Error(`--queues: there is no queue "${name}". Give all, or some of ${queueNames.join(', ')}.`);
    }
  }
  return names as QueueName[];
}

/** Jobs of a queue that this process runs at the same time; none while the queue is paused. */
export function jobsAtOnce(
  name: QueueName,
  config: Pick<Config, `${QueueName}Concurrency` | `${QueueName}Paused`>,
): number {
  return config[`${name}Paused`] ? 0 : config[`${name}Concurrency`];
}

/**
 * What of a changed configuration a process can obey whose pool has `connections`. A concurrency that calls for a larger
 * pool waits for the process with that pool, which the platform starts then; until it is here, the old one holds.
 */
export function withinPool(queues: readonly QueueName[], connections: number) {
  return (asked: Config, current: Config): Config => {
    if (workerPoolSize(queues, asked) <= connections) return asked;
    return { ...asked, ...Object.fromEntries(queues.map((name) => [key(name), current[key(name)]])) };
  };
}

const key = (name: QueueName) => `${name}Concurrency` as const;
