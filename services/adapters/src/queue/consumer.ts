import { type PayloadOf, type QueueName, queues } from '@bundler/contract';
import { type Logger, type Metrics, type Tracing, withTimeout } from '@bundler/runtime';
import { type Job, WaitingError, Worker } from 'bullmq';
import { connectPatient } from '../redis.ts';
import { JobCounters } from './job-counters.ts';
import { traceOfJob } from './job-trace.ts';

/** Does one job. `signal` fires when the process is told to stop: long jobs save where they are and return. */
export type JobHandler<Name extends QueueName> = (payload: PayloadOf<Name>, signal: AbortSignal) => Promise<void>;

export interface JobConsumer {
  /** Runs this many jobs at the same time from now on, and none when it is 0. Jobs in progress go on. */
  setConcurrency(jobs: number): void;
  /**
   * Takes no more jobs and waits for those in progress, at most `timeoutMs`; what is cut off runs again elsewhere when
   * the process has ended.
   */
  close(timeoutMs: number): Promise<void>;
}

/** Starts taking jobs from a queue. With a concurrency of 0 it rests until another one is set. */
export function startConsumer<Name extends QueueName>(
  queue: Name,
  handler: JobHandler<Name>,
  options: { url: string; concurrency: number; logger: Logger; metrics: Metrics; tracing?: Tracing | undefined },
): JobConsumer {
  const { logger, metrics, tracing } = options;
  const connection = connectPatient(options.url, logger);
  const stopping = new AbortController();
  const { name, lockMs } = queues[queue];
  const counters = new JobCounters(name, metrics);
  let atOnce = options.concurrency;
  const worker = new Worker(
    name,
    async (job, token) => {
      // A worker that was waiting for a job when it was paused still takes the next one.
      if (atOnce === 0) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      await traced(job, tracing, async () => {
        const seconds = await counters.measured(() => handler(job.data as PayloadOf<Name>, stopping.signal));
        logger.debug({ queue: name, job: job.data, seconds }, 'job ended');
      });
    },
    {
      connection,
      concurrency: Math.max(1, options.concurrency),
      autorun: options.concurrency > 0,
      lockDuration: lockMs,
      // A job of a killed worker is given to another one after its lock ran out and one such look.
      stalledInterval: lockMs / 2,
      maxStalledCount: 100,
      skipVersionCheck: true,
    },
  );
  worker.on('failed', (job, error) => {
    counters.failed(job, error);
    logger.error({ queue: name, err: error, job: job?.data, attempt: job?.attemptsMade }, 'job failed');
  });
  worker.on('stalled', () => counters.stalled());
  worker.on('error', (error) => logger.warn({ queue: name, err: error }, 'queue'));
  return {
    setConcurrency: (jobs) => {
      if (jobs === atOnce || stopping.signal.aborted) return;
      atOnce = jobs;
      setConcurrency(worker, jobs);
    },
    close: async (timeoutMs) => {
      stopping.abort();
      try {
        await withTimeout(worker.close(), timeoutMs, `not ended within ${timeoutMs} ms`);
      } catch (error) {
        // BullMQ cannot hasten a close that has begun: it goes on waiting for its jobs, and for ever for a Redis that is
        // away. The caller ends the process, and with it whatever is left.
        logger.warn({ queue: name, err: error }, 'jobs cut off; they run again elsewhere');
      }
      connection.disconnect();
    },
  };
}

/** A job goes on with the trace in which it was added. One that a schedule or the re-driver added is nobody's. */
function traced(job: Job, tracing: Tracing | undefined, work: () => Promise<void>): Promise<void> {
  const parent = tracing && traceOfJob(job.opts);
  if (!tracing || parent === undefined) return work();
  const attributes = {
    'messaging.system': 'bullmq',
    'messaging.destination.name': job.queueName,
    'messaging.message.id': job.id,
    'bullmq.attempt': job.attemptsMade + 1,
  };
  return tracing.span(`process ${job.queueName}`, { kind: 'consumer', parent, attributes }, work);
}

/**
 * BullMQ looks for more jobs when one ends or a pause does. The pause without waiting makes a higher number count at
 * once: all slots may be taken by jobs that run for many minutes.
 */
function setConcurrency(worker: Worker, jobs: number): void {
  if (jobs > 0) worker.concurrency = jobs;
  void worker.pause(true);
  if (jobs > 0) void worker.resume();
}
