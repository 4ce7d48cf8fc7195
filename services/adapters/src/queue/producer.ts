import { setTimeout as wait } from 'node:timers/promises';
import { type PayloadOf, type QueueName, queues } from '@bundler/contract';
import type { Logger } from '@bundler/runtime';
import { Queue } from 'bullmq';
import { connectImpatient } from '../redis.ts';

/** Finished jobs that are kept to be looked at. Nothing depends on them. */
const KEEP_COMPLETED = 100;
const KEEP_FAILED = 1000;

/**
 * Adds jobs. A job only wakes a worker; what is to be done stands in PostgreSQL. So adding may fail, and then the
 * re-driver adds later what is missing.
 */
export interface JobProducer {
  /** True when the job is in its queue, or the same work was there already. Never throws. */
  add<Name extends QueueName>(queue: Name, payload: PayloadOf<Name>): Promise<boolean>;
  /** Jobs that wait, by the name of the queue in metrics. */
  depths(): Promise<Map<string, number>>;
  close(): Promise<void>;
}

/** How long the first jobs of a process wait for its connection, milliseconds. Later ones do not wait at all. */
const FIRST_CONTACT_MS = 100;

export class BullProducer implements JobProducer {
  readonly #logger: Logger;
  readonly #connection: ReturnType<typeof connectImpatient>;
  readonly #firstContact: Promise<unknown>;
  readonly #queues = new Map<string, Queue>();

  constructor(url: string, logger: Logger) {
    this.#logger = logger;
    this.#connection = connectImpatient(url, logger);
    const connected = new Promise((resolve) => this.#connection.once('ready', resolve));
    this.#firstContact = Promise.race([connected, wait(FIRST_CONTACT_MS, undefined, { ref: false })]);
  }

  async add<Name extends QueueName>(queueName: Name, payload: PayloadOf<Name>): Promise<boolean> {
    const definition = queues[queueName];
    const { name } = definition;
    try {
      const queue = await this.#open(name);
      await queue.add(name, payload, {
        // Unlike a job id, this holds only until the job ends, so finished jobs may be kept.
        deduplication: {
          id: definition.jobId(payload as never),
          ...(definition.runsAgain && { keepLastIfActive: true }),
        },
        attempts: definition.attempts,
        backoff: { type: 'exponential', delay: definition.backoffMs },
        removeOnComplete: { count: KEEP_COMPLETED },
        removeOnFail: { count: KEEP_FAILED },
      });
      return true;
    } catch (error) {
      this.#logger.warn({ err: error, queue: name }, 'job not added; the re-driver will');
      return false;
    }
  }

  async depths(): Promise<Map<string, number>> {
    const depths = new Map<string, number>();
    for (const { name } of Object.values(queues)) {
      const queue = await this.#open(name);
      const counts = await queue.getJobCounts('wait', 'prioritized');
      depths.set(name, (counts.wait ?? 0) + (counts.prioritized ?? 0));
    }
    return depths;
  }

  async close(): Promise<void> {
    for (const queue of this.#queues.values()) await queue.close();
    this.#connection.disconnect();
  }

  /**
   * A queue is made when it is first used and Redis is there: BullMQ asks the server who it is once in a queue's
   * life, waits without limit for a server that was never there, and keeps a failure for good.
   */
  async #open(name: string): Promise<Queue> {
    await this.#firstContact;
    if (this.#connection.status !== 'ready') throw new Error('Redis is not connected');
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = new Queue(name, { connection: this.#connection, skipVersionCheck: true });
      queue.on('error', () => undefined);
      this.#queues.set(name, queue);
    }
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      if (this.#queues.get(name) === queue) this.#queues.delete(name);
      await queue.close().catch(() => undefined);
      throw error;
    }
  }
}
