import type { ArweaveNetwork } from '@bundler/adapters';
import { ApiError } from '@bundler/contract';
import type { Logger } from '@bundler/runtime';
import { prorated, REFERENCE_BYTES } from './prorate.ts';

interface Options {
  readonly network: Pick<ArweaveNetwork, 'price'>;
  /** For how long a price is used before the gateway is asked again, milliseconds. */
  readonly ttlMs: () => number;
  /** How old a price may be when the gateway does not answer, milliseconds. */
  readonly maxAgeMs: () => number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly logger: Logger;
}

interface Seen {
  readonly price: bigint;
  readonly at: number;
}

/**
 * What storage costs, from the price of one large size that is asked for now and then: no request ever waits for the
 * gateway while a price is at hand. One that has become too old is not guessed from: nothing is sold then.
 */
export class PriceOracle {
  readonly #options: Options;
  #seen: Seen | undefined;
  #asking: Promise<Seen> | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Age of the price in use, milliseconds; undefined before the first one. */
  get ageMs(): number | undefined {
    return this.#seen && this.#options.now() - this.#seen.at;
  }

  /** Winston for storing that many bytes. @throws ApiError `price_unavailable` */
  async priceOf(byteCount: number): Promise<bigint> {
    return prorated(await this.#reference(), byteCount);
  }

  async #reference(): Promise<bigint> {
    const { maxAgeMs, ttlMs } = this.#options;
    const age = this.ageMs;
    if (age !== undefined && age < ttlMs()) return this.#seen!.price;
    const asked = this.#ask();
    if (age !== undefined && age < maxAgeMs()) {
      asked.catch((error: unknown) => this.#options.logger.warn({ err: error }, 'no newer price; the last one counts'));
      return this.#seen!.price;
    }
    try {
      return (await asked).price;
    } catch (cause) {
      throw new ApiError('price_unavailable', { cause, retryAfter: 5 });
    }
  }

  /** One question at a time, however many wait for its answer. */
  #ask(): Promise<Seen> {
    this.#asking ??= this.#fetch().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #fetch(): Promise<Seen> {
    const price = await this.#options.network.price(REFERENCE_BYTES);
    if (price <= 0n) throw new Error(`the gateway's price for ${REFERENCE_BYTES} bytes is ${price}`);
    this.#seen = { price, at: this.#options.now() };
    return this.#seen;
  }
}
