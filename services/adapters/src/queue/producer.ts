import { type PayloadOf, type QueueName, queues } from '@bundler/contract';
import type { Logger, Tracing } from '@bundler/runtime';
import { connectImpatient } from '../redis.ts';
import { traceOption } from './job-trace.ts';
import { OpenQueues } from './open-queues.ts';

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
  close(): Promise<void>;
}

export class BullProducer implements JobProducer {
  readonly #logger: Logger;
  readonly #queues: OpenQueues;
  readonly #tracing: Tracing | undefined;

  constructor(url: string, logger: Logger, tracing?: Tracing) {
    this.#logger = logger;
    this.#queues = new OpenQueues(connectImpatient(url, logger));
    this.#tracing = tracing;
  }

  add<Name extends QueueName>(queueName: Name, payload: PayloadOf<Name>): Promise<boolean> {
    // Outside of a trace that is kept there is nothing that the job's worker could go on with.
    if (this.#tracing?.traceParent() === undefined) return this.#add(queueName, payload);
    const { name } = queues[queueName];
    const attributes = { 'messaging.system': 'bullmq', 'messaging.destination.name': name };
    return this.#tracing.span(`send ${name}`, { kind: 'producer', attributes }, () => this.#add(queueName, payload));
  }

  async #add<Name extends QueueName>(queueName: Name, payload: PayloadOf<Name>): Promise<boolean> {
    const definition = queues[queueName];
    const { name } = definition;
    try {
      const queue = await this.#queues.open(name);
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
        ...traceOption(this.#tracing?.traceParent()),
      });
      return true;
    } catch (error) {
      this.#logger.warn({ err: error, queue: name }, 'job not added; the re-driver will');
      return false;
    }
  }

  close(): Promise<void> {
    return this.#queues.close();
  }
}
