import { Queue, Worker } from 'bullmq';
import type { Platform } from './platform.ts';
import { until } from './until.ts';

const PATIENCE_MS = 60_000;

/** Puts a job into a queue whose tries are used up, as a queue keeps it. The platform's own workers must rest at it. */
export async function failJob(platform: Platform, name: string, payload: object, reason: string): Promise<void> {
  const connection = { url: platform.servers.queue.running.url };
  const queue = new Queue(name, { connection });
  const fail = async (): Promise<never> => {
    throw new Error(reason);
  };
  const worker = new Worker(name, fail, { connection });
  const before = await queue.getFailedCount();
  try {
    await queue.add(name, payload, { attempts: 1 });
    await until(async () => (await queue.getFailedCount()) > before, PATIENCE_MS);
  } finally {
    await worker.close();
    await queue.close();
  }
}
