/** Weight of the latest interval in the mean: the mean forgets in about fifty completions. */
const WEIGHT = 0.02;

/**
 * The mean time between two completions while every core has something to do: what one more in the queue costs.
 * Times in which a core has nothing to do say nothing about the pace and are left out.
 */
export class BusyPace {
  readonly #now: () => number;
  #meanMs = 0;
  #busySince: number | undefined;

  /** @param now milliseconds, monotonic */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Mean milliseconds between completions; 0 before every core had something to do. */
  get intervalMs(): number {
    return this.#meanMs;
  }

  /** To be called at each completion, with whether every core still has something to do. */
  completed(allBusy: boolean): void {
    const now = this.#now();
    if (this.#busySince !== undefined) {
      const interval = now - this.#busySince;
      this.#meanMs += (interval - this.#meanMs) * (this.#meanMs === 0 ? 1 : WEIGHT);
    }
    this.#busySince = allBusy ? now : undefined;
  }
}
