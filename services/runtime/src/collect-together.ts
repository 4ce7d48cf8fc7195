import type { Metric } from 'prom-client';
import { withTimeout } from './lifecycle.ts';

export interface CollectOptions {
  /** A scrape within this time of another one is given the same figures, milliseconds. */
  readonly maxAgeMs: number;
  /** What a scrape waits for new figures, milliseconds; then it is given the ones from before. */
  readonly patienceMs?: number;
  /**
   * Sets all of the metrics. While it rejects, the figures from before stand for a few times their age: a gap would end the waiting time of
   * an alert. Then there are none, which is not the same as 0.
   */
  read(): Promise<void>;
  /** Milliseconds, monotonic. */
  now?(): number;
}

/** Well within the time that a scraper has. */
const PATIENCE_MS = 5000;
const AGES_KEPT = 3;

/** Reads the figures of some metrics together, when somebody scrapes them. */
export function collectTogether(
  metrics: readonly Metric[],
  { maxAgeMs, patienceMs = PATIENCE_MS, read, now = () => performance.now() }: CollectOptions,
): void {
  let [readAt, goodAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let reading: Promise<void> | undefined;
  const readOnce = async (): Promise<void> => {
    readAt = now();
    try {
      await read();
      goodAt = now();
    } catch {
      if (now() - goodAt < AGES_KEPT * maxAgeMs) return;
      for (const metric of metrics) empty(metric);
    }
  };
  const collect = async (): Promise<void> => {
    if (!reading && now() - readAt >= maxAgeMs) {
      reading = readOnce().finally(() => {
        reading = undefined;
      });
    }
    if (reading) await withTimeout(reading, patienceMs, 'later').catch(() => undefined);
  };
  for (const metric of metrics) {
    empty(metric);
    Object.assign(metric, { collect });
  }
}

/** Leaves a metric without any series; a reset alone leaves one without labels at 0. */
function empty(metric: Metric): void {
  metric.reset();
  metric.remove({});
}
