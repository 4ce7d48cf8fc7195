/** Keeps a rate: calls begin no closer to each other than an interval, and never make up for a pause. */
export class Pace {
  readonly #intervalMs: () => number;
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<unknown>;
  #next = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds, monotonic */
  constructor(intervalMs: () => number, now: () => number, sleep: (ms: number) => Promise<unknown>) {
    this.#intervalMs = intervalMs;
    this.#now = now;
    this.#sleep = sleep;
  }

  /** Resolves when the next call may begin. */
  async turn(): Promise<void> {
    const now = this.#now();
    const due = Math.max(now, this.#next);
    this.#next = due + this.#intervalMs();
    if (due > now) await this.#sleep(due - now);
  }
}
