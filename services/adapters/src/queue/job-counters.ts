import { type Metrics, observeTraced } from '@bundler/runtime';
import { type Job, UnrecoverableError } from 'bullmq';

type JobMetrics = Pick<
  Metrics,
  'jobDurations' | 'jobsProcessed' | 'jobRetries' | 'jobsDead' | 'jobsStalled' | 'workerActiveJobs'
>;

/** Counts the jobs of one queue that this process does. */
export class JobCounters {
  readonly #metrics: JobMetrics;
  readonly #queue: { readonly queue: string };

  constructor(queue: string, metrics: JobMetrics) {
    this.#metrics = metrics;
    this.#queue = { queue };
    for (const outcome of ['done', 'failed']) metrics.jobsProcessed.inc({ queue, outcome }, 0);
    for (const counter of [metrics.jobRetries, metrics.jobsDead, metrics.jobsStalled]) counter.inc(this.#queue, 0);
    metrics.workerActiveJobs.set(this.#queue, 0);
  }

  /** Does one try of a job. @returns how long it took, seconds */
  async measured(work: () => Promise<void>): Promise<number> {
    const startedAt = performance.now();
    let outcome = 'failed';
    this.#metrics.workerActiveJobs.inc(this.#queue);
    try {
      await work();
      outcome = 'done';
    } finally {
      this.#metrics.workerActiveJobs.dec(this.#queue);
      const labels = { ...this.#queue, outcome };
      this.#metrics.jobsProcessed.inc(labels);
      observeTraced(this.#metrics.jobDurations, labels, (performance.now() - startedAt) / 1000);
    }
    return (performance.now() - startedAt) / 1000;
  }

  /** A try has failed: BullMQ tries again, or it was the last one. The job is unknown when its lock was lost meanwhile. */
  failed(job: Job | undefined, error: Error): void {
    if (!job) return;
    const isLast = error instanceof UnrecoverableError || job.attemptsMade >= (job.opts.attempts ?? 1);
    (isLast ? this.#metrics.jobsDead : this.#metrics.jobRetries).inc(this.#queue);
  }

  /** A job's worker was killed, or did not renew its lock: it is done again. */
  stalled(): void {
    this.#metrics.jobsStalled.inc(this.#queue);
  }
}
