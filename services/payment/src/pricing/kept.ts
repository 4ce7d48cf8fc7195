import { ApiError } from '@bundler/contract';
import type { Logger } from '@bundler/runtime';

export interface KeptOptions<Value> {
  /** What is kept, for the log. */
  readonly name: string;
  readonly ask: () => Promise<Value>;
  /** For how long a value is used before it is asked for again, milliseconds. */
  readonly ttlMs: () => number;
  /** How old a value may be when nobody answers, milliseconds. */
  readonly maxAgeMs: () => number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * A value of somebody else's that is asked for now and then: no request ever waits for it while one is at hand. One that has
 * become too old is not guessed from: nothing is sold then.
 */
export class Kept<Value> {
  readonly #options: KeptOptions<Value>;
  #seen: { readonly value: Value; readonly at: number } | undefined;
  #asking: Promise<Value> | undefined;
  #isUsed = false;

  constructor(options: KeptOptions<Value>) {
    this.#options = options;
  }

  /** Whether anybody has wanted it yet. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** How old the one at hand is, milliseconds; infinite while there is none. */
  get ageMs(): number {
    return this.#seen ? this.#options.now() - this.#seen.at : Number.POSITIVE_INFINITY;
  }

  /** @throws ApiError `price_unavailable` */
  async current(): Promise<Value> {
    this.#isUsed = true;
    const { logger, maxAgeMs, name, ttlMs } = this.#options;
    const seen = this.#seen;
    const age = this.ageMs;
    if (seen && age < ttlMs()) return seen.value;
    const asked = this.#ask();
    if (seen && age < maxAgeMs()) {
      asked.catch((error: unknown) => logger.warn({ err: error }, `no newer ${name}; the last one counts`));
      return seen.value;
    }
    try {
      return await asked;
    } catch (cause) {
      throw new ApiError('price_unavailable', { cause, retryAfter: 5 });
    }
  }

  /** One question at a time, however many wait for its answer. */
  #ask(): Promise<Value> {
    const { ask, now } = this.#options;
    this.#asking ??= ask()
      .then((value) => {
        this.#seen = { value, at: now() };
        return value;
      })
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }
}
