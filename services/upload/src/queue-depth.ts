import type { JobProducer } from '@bundler/adapters';
import type { Metrics } from '@bundler/runtime';

/** A scrape within this time of another one is given the same figures, milliseconds. */
const CACHE_MS = 10_000;

/** Reads the queues' depths when somebody scrapes; a Redis that is down leaves the gauge empty. */
export function exportQueueDepth(jobs: Pick<JobProducer, 'depths'>, metrics: Metrics): void {
  let readAt = Number.NEGATIVE_INFINITY;
  const collect = async (): Promise<void> => {
    if (performance.now() - readAt < CACHE_MS) return;
    readAt = performance.now();
    try {
      for (const [queue, depth] of await jobs.depths()) metrics.queueDepth.set({ queue }, depth);
    } catch {
      metrics.queueDepth.reset();
    }
  };
  Object.assign(metrics.queueDepth, { collect });
}
