/** Weight of the latest interval in the mean: the mean forgets in about fifty completions. */
const WEIGHT = 0.02;

/**
 * The mean time between two completions while there is always something waiting: what one more in the queue costs.
 * Times without a queue say nothing about the pace and are left out.
 */
export class BusyPace {
  readonly #now: () => number;
  #meanMs = 0;
  #busySince: number | undefined;

  /** @param now milliseconds, monotonic */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Mean milliseconds between completions; 0 before the first queue. */
  get intervalMs(): number {
    return this.#meanMs;
  }

  /** To be called at each completion, with whether others wait. */
  completed(othersWait: boolean): void {
    const now = this.#now();
    if (this.#busySince !== undefined) {
      const interval = now - this.#busySince;
      this.#meanMs += (interval - this.#meanMs) * (this.#meanMs === 0 ? 1 : WEIGHT);
    }
    this.#busySince = othersWait ? now : undefined;
  }
}
