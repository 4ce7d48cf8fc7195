import { ApiError } from '@bundler/contract';
import { type Metrics, withTimeout } from '@bundler/runtime';

/** How long an upload waits for the same item's earlier upload before it is sent away, milliseconds. */
export const WAIT_MS = 30_000;

type InFlightMetrics = Pick<Metrics, 'inFlightItems' | 'inFlightDuplicates'>;

/**
 * Lets one upload of an item proceed at a time in this process. Those that come meanwhile wait for its outcome: when
 * it succeeds they share it, when it fails the next one takes over. Between processes marks do the
 * same for large items (`marked-uploads.ts`), and in the end the row's primary key decides.
 */
export class InFlight<Result> {
  readonly #metrics: InFlightMetrics;
  readonly #running = new Map<string, Promise<Result>>();

  constructor(metrics: InFlightMetrics) {
    this.#metrics = metrics;
  }

  /** @returns the result, and whether it is another upload's */
  async run(id: string, work: () => Promise<Result>): Promise<{ result: Result; shared: boolean }> {
    if (this.#running.has(id)) this.#metrics.inFlightDuplicates.inc();
    for (let earlier = this.#running.get(id); earlier; earlier = this.#running.get(id)) {
      try {
        return { result: await withTimeout(earlier, WAIT_MS, 'the earlier upload takes too long'), shared: true };
      } catch (cause) {
        if (this.#running.get(id) !== earlier) continue;
        throw new ApiError('unavailable', { detail: 'The same data item is being uploaded.', cause, retryAfter: 5 });
      }
    }
    const running = work();
    this.#running.set(id, running);
    this.#metrics.inFlightItems.set(this.#running.size);
    try {
      return { result: await running, shared: false };
    } finally {
      this.#running.delete(id);
      this.#metrics.inFlightItems.set(this.#running.size);
    }
  }
}
