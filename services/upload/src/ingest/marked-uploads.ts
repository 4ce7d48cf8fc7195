import { setTimeout as wait } from 'node:timers/promises';
import type { InFlightMarks, Mark } from '@bundler/adapters';
import { ApiError } from '@bundler/contract';
import type { Metrics } from '@bundler/runtime';

/** How often a waiting upload looks whether the item is free, milliseconds. */
const LOOK_MS = 200;

export interface MarkedUploadsOptions {
  readonly marks: Pick<InFlightMarks, 'claim'>;
  /** How long a mark lasts from the last byte on; may change while the process runs. */
  readonly ttlMs: number;
  /** How long an upload waits for the same item's earlier upload before it is sent away. */
  readonly waitMs: number;
  readonly metrics: Pick<Metrics, 'inFlightWaits' | 'inFlightUnmarked' | 'inFlightDuplicates'>;
}

/**
 * Lets one upload of an item proceed at a time over all processes. The others wait with their bodies unread; when the
 * item is free they look at what became of it, and take over if nothing did.
 */
export class MarkedUploads {
  readonly #options: MarkedUploadsOptions;

  constructor(options: MarkedUploadsOptions) {
    this.#options = options;
  }

  /**
   * @param rest what is to come of the body
   * @param work reads from what it is given, so that the mark lasts while bytes come
   * @throws ApiError when another upload of the item is still under way after the wait
   */
  async run<Result>(
    id: string,
    rest: AsyncIterator<Buffer>,
    work: (rest: AsyncIterator<Buffer>) => Promise<Result>,
  ): Promise<Result> {
    const mark = await this.#claim(id);
    if (!mark) return work(rest);
    const kept = this.#keep(mark, rest);
    try {
      return await work(kept.rest);
    } finally {
      kept.stop();
      await mark.release();
    }
  }

  async #claim(id: string): Promise<Mark | undefined> {
    const { marks, metrics, ttlMs, waitMs } = this.#options;
    const deadline = performance.now() + waitMs;
    let waited = false;
    for (;;) {
      const claimed = await marks.claim(id, ttlMs);
      if (claimed === undefined) metrics.inFlightUnmarked.inc();
      if (claimed !== 'taken') {
        if (waited) metrics.inFlightWaits.inc({ outcome: 'proceeded' });
        return claimed;
      }
      if (!waited) metrics.inFlightDuplicates.inc();
      waited = true;
      if (performance.now() > deadline) {
        metrics.inFlightWaits.inc({ outcome: 'sent_away' });
        throw new ApiError('unavailable', { detail: 'The same data item is being uploaded.', retryAfter: 5 });
      }
      await wait(LOOK_MS);
    }
  }

  /** Renews the mark while bytes come, and, once all are there, until the item is durable. */
  #keep(mark: Mark, rest: AsyncIterator<Buffer>): { rest: AsyncIterator<Buffer>; stop: () => void } {
    let [moved, complete] = [false, false];
    const timer = setInterval(() => {
      if (moved || complete) void mark.renew(this.#options.ttlMs);
      moved = false;
    }, this.#options.ttlMs / 3).unref();
    const next = async (): Promise<IteratorResult<Buffer>> => {
      const piece = await rest.next();
      moved = true;
      complete = piece.done === true;
      return piece;
    };
    return { rest: { next }, stop: () => clearInterval(timer) };
  }
}
