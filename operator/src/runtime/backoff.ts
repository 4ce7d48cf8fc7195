export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Pauses between tries at one thing: exponential, each drawn from zero to its limit, so that a crowd spreads out. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure; returns how long to wait now, milliseconds. */
  next(): number {
    const { baseMs, maxMs, random } = this.#options;
    const limit = Math.min(maxMs, baseMs * 2 ** this.#failures);
    this.#failures += 1;
    return random() * limit;
  }

  reset(): void {
    this.#failures = 0;
  }
}
