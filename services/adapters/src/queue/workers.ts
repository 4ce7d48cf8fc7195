import type { Redis } from 'ioredis';

/** How BullMQ calls the connection on which a worker waits for jobs: this and the queue's name in base64. */
const WORKER_CONNECTION = /(?:^| )name=bull:([A-Za-z0-9+/=]+)(?: |$)/gm;

/**
 * How many workers are connected, by the name of their queue, in one question for all queues.
 *
 * @returns undefined where the server does not tell who is connected, as some managed ones do not
 */
export async function connectedWorkers(redis: Redis): Promise<ReadonlyMap<string, number> | undefined> {
  let list: string;
  try {
    list = (await redis.client('LIST')) as string;
  } catch (error) {
    if ((error as Error).name === 'ReplyError') return undefined;
    throw error;
  }
  return countWorkers(list);
}

/** The same, from what `CLIENT LIST` answered. */
export function countWorkers(list: string): ReadonlyMap<string, number> {
  const workers = new Map<string, number>();
  for (const [, name = ''] of list.matchAll(WORKER_CONNECTION)) {
    const queue = Buffer.from(name, 'base64').toString();
    workers.set(queue, (workers.get(queue) ?? 0) + 1);
  }
  return workers;
}
