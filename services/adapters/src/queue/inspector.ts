import { queues } from '@bundler/contract';
import type { Logger } from '@bundler/runtime';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { connectImpatient } from '../redis.ts';
import { OpenQueues } from './open-queues.ts';
import { connectedWorkers } from './workers.ts';

/** What one queue holds now. */
export interface QueueOverview {
  /** Its name in metrics. */
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  /** Jobs whose last try failed, of those that are kept to be looked at. */
  readonly failed: number;
  /** Workers that are connected; undefined where the server does not tell. */
  readonly workers: number | undefined;
  /** When the job was added that has waited longest, Unix milliseconds; undefined when none waits. */
  readonly oldestAt: number | undefined;
}

/** Whoever asks for all of this can wait a little: no upload depends on it, milliseconds. */
const PATIENCE_MS = 2000;

/** Looks into the queues, and changes nothing. */
export class QueueInspector {
  readonly #redis: Redis;
  readonly #queues: OpenQueues;

  constructor(url: string, logger: Logger) {
    this.#redis = connectImpatient(url, logger, PATIENCE_MS);
    this.#queues = new OpenQueues(this.#redis);
  }

  /** Every queue, in the order of the contract. @throws Error when Redis cannot say */
  async overview(): Promise<QueueOverview[]> {
    const names = Object.values(queues).map(({ name }) => name);
    const opened = await Promise.all(names.map((name) => this.#queues.open(name)));
    const workers = await connectedWorkers(this.#redis);
    return Promise.all(
      opened.map(async (queue) => {
        const [counts, [oldest]] = await Promise.all([
          queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed'),
          queue.getJobs(['wait'], 0, 0, true) as Promise<Job[]>,
        ]);
        return {
          queue: queue.name,
          waiting: (counts.wait ?? 0) + (counts.prioritized ?? 0),
          active: counts.active ?? 0,
          delayed: counts.delayed ?? 0,
          failed: counts.failed ?? 0,
          workers: workers && (workers.get(queue.name) ?? 0),
          oldestAt: oldest?.timestamp,
        };
      }),
    );
  }

  close(): Promise<void> {
    return this.#queues.close();
  }
}
