/**
 * A queue that was never short for so long is not a burst that will pass; one that stood and was short for so long has
 * passed. Milliseconds.
 */
const BURST_MS = 500;
/** A wait longer than this part of the usual limit is long: 25 clients of one process that upload in a row cause less on a slow day. */
const LONG = 3 / 5;
/** What part of the usual limit is left for a queue that stands. */
const STANDING = 1 / 4;

/**
 * How long those may have to wait who join a queue.
 *
 * A burst is given the whole limit: it passes. A queue that stands makes everybody wait and nothing faster, so its limit
 * is less: as many are served, sooner. The idea is that of controlled delay (Nichols and Jacobson, "Controlling
 * Queue Delay", 2012), which knows the two apart by how long the wait has not been short.
 */
export class QueuePatience {
  readonly #maxWaitMs: () => number;
  readonly #now: () => number;
  /** When the queue was last seen as `#stands` says that it is. */
  #seenSoAt = Number.NEGATIVE_INFINITY;
  #stands = false;

  /**
   * @param maxWaitMs the whole limit, which may change
   * @param now milliseconds, monotonic
   */
  constructor(maxWaitMs: () => number, now: () => number) {
    this.#maxWaitMs = maxWaitMs;
    this.#now = now;
  }

  /** The limit for one who comes now and would wait so long, milliseconds. To be asked for each. */
  limitMs(expectedWaitMs: number): number {
    const maxWaitMs = this.#maxWaitMs();
    const standingMs = maxWaitMs * STANDING;
    // A queue that stands is held at its limit: it is short when it is well below. Under lasting overload it is for moments,
    // and whoever was given the whole limit then would wait the longest of all.
    const isLong = expectedWaitMs >= (this.#stands ? standingMs / 2 : maxWaitMs * LONG);
    if (isLong === this.#stands) this.#seenSoAt = this.#now();
    else if (this.#now() - this.#seenSoAt >= BURST_MS) {
      this.#stands = isLong;
      this.#seenSoAt = this.#now();
    }
    return this.#stands ? standingMs : maxWaitMs;
  }
}
