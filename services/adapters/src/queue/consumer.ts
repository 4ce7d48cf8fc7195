import { type PayloadOf, type QueueName, queues } from '@bundler/contract';
import { type Logger, type Metrics, withTimeout } from '@bundler/runtime';
import { Worker } from 'bullmq';
import { connectPatient } from '../redis.ts';

/** Does one job. `signal` fires when the process is told to stop: long jobs save where they are and return. */
export type JobHandler<Name extends QueueName> = (payload: PayloadOf<Name>, signal: AbortSignal) => Promise<void>;

export interface JobConsumer {
  /**
   * Takes no more jobs and waits for those in progress, at most `timeoutMs`; what is cut off runs again elsewhere when
   * the process has ended.
   */
  close(timeoutMs: number): Promise<void>;
}

/** Starts taking jobs from a queue. */
export function startConsumer<Name extends QueueName>(
  name: Name,
  handler: JobHandler<Name>,
  options: { url: string; concurrency: number; logger: Logger; metrics: Metrics },
): JobConsumer {
  const { metrics } = options;
  const logger = options.logger.child({ queue: name });
  const connection = connectPatient(options.url, logger);
  const stopping = new AbortController();
  const { lockMs } = queues[name];
  const worker = new Worker(
    name,
    async (job) => {
      const done = metrics.jobDurations.startTimer({ queue: name });
      try {
        await handler(job.data as PayloadOf<Name>, stopping.signal);
        metrics.jobSuccesses.inc({ queue: name });
      } finally {
        done();
      }
    },
    {
      connection,
      concurrency: options.concurrency,
      lockDuration: lockMs,
      // A job of a killed worker is given to another one after its lock ran out and one such look.
      stalledInterval: lockMs / 2,
      maxStalledCount: 100,
      skipVersionCheck: true,
    },
  );
  worker.on('failed', (job, error) => {
    metrics.jobFailures.inc({ queue: name });
    logger.error({ err: error, job: job?.data, attempt: job?.attemptsMade }, 'job failed');
  });
  worker.on('error', (error) => logger.warn({ err: error }, 'queue'));
  return {
    close: async (timeoutMs) => {
      stopping.abort();
      try {
        await withTimeout(worker.close(), timeoutMs, `not ended within ${timeoutMs} ms`);
      } catch (error) {
        // BullMQ cannot hasten a close that has begun: it goes on waiting for its jobs, and for ever for a Redis that is
        // away. The caller ends the process, and with it whatever is left.
        logger.warn({ err: error }, 'jobs cut off; they run again elsewhere');
      }
      connection.disconnect();
    },
  };
}
