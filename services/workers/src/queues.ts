import { type Config, type QueueName, queueNames } from '@bundler/contract';

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

/** Jobs of a queue that this process runs at the same time. */
export function concurrencyOf(name: QueueName, config: Config): number {
  return config[`${name}Concurrency`];
}
