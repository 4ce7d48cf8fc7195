/** A queue that was never short for so long is not a burst that will pass, milliseconds. */
const BURST_MS = 500;
/** What part of the usual limit is left for a queue that stands. */
const STANDING = 2 / 5;

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
  #shortAt = Number.NEGATIVE_INFINITY;
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
    // A queue that stands is held at its limit: it has ended when it is well below.
    if (expectedWaitMs < (this.#stands ? standingMs / 2 : standingMs)) {
      this.#shortAt = this.#now();
      this.#stands = false;
    } else if (this.#now() - this.#shortAt >= BURST_MS) {
      this.#stands = true;
    }
    return this.#stands ? standingMs : maxWaitMs;
  }
}
