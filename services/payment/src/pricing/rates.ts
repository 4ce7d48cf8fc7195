import { ApiError } from '@bundler/contract';
import type { Logger } from '@bundler/runtime';
import { type Decimal, decimal } from '../ledger/decimal.ts';

/** What one whole token is worth, by token and then by currency. */
export type Rates = Readonly<Record<string, Readonly<Record<string, Decimal>>>>;

/** Somebody who knows what tokens are worth. */
export interface RatesProvider {
  /** @throws when it cannot tell all of them */
  fetch(tokens: readonly string[], currencies: readonly string[]): Promise<Rates>;
}

/** The HTTP API of CoinGecko, and of whoever speaks like it. */
export class CoinGeckoRates implements RatesProvider {
  readonly #url: string;
  readonly #timeoutMs: number;

  constructor(url: string, timeoutMs: number) {
    this.#url = url.replace(/\/+$/, '');
    this.#timeoutMs = timeoutMs;
  }

  async fetch(tokens: readonly string[], currencies: readonly string[]): Promise<Rates> {
    const query = new URLSearchParams({ ids: tokens.join(','), vs_currencies: currencies.join(',') });
    const answer = await fetch(`${this.#url}/simple/price?${query}`, { signal: AbortSignal.timeout(this.#timeoutMs) });
    if (!answer.ok) throw new Error(`rates: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
    const told = (await answer.json()) as Record<string, Record<string, unknown>>;
    const rateOf = (token: string, currency: string): Decimal => {
      const rate = told[token]?.[currency];
      if (typeof rate !== 'number' || !(rate > 0)) throw new Error(`rates: none of ${token} in ${currency}`);
      return decimal(String(rate));
    };
    return Object.fromEntries(
      tokens.map((token) => [token, Object.fromEntries(currencies.map((code) => [code, rateOf(token, code)]))]),
    );
  }
}

interface Options {
  readonly provider: RatesProvider;
  readonly tokens: readonly string[];
  readonly currencies: readonly string[];
  readonly ttlMs: number;
  /** How old rates may be when the provider does not answer, milliseconds. */
  readonly maxAgeMs: () => number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Rates that are asked for now and then. Beyond their greatest age nothing is computed from them. */
export class KeptRates {
  readonly #options: Options;
  #seen: { readonly rates: Rates; readonly at: number } | undefined;
  #asking: Promise<Rates> | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** @throws ApiError `price_unavailable` */
  async current(): Promise<Rates> {
    const { logger, maxAgeMs, now, ttlMs } = this.#options;
    const age = this.#seen && now() - this.#seen.at;
    if (age !== undefined && age < ttlMs) return this.#seen!.rates;
    const asked = this.#ask();
    if (age !== undefined && age < maxAgeMs()) {
      asked.catch((error: unknown) => logger.warn({ err: error }, 'no newer rates; the last ones count'));
      return this.#seen!.rates;
    }
    try {
      return await asked;
    } catch (cause) {
      throw new ApiError('price_unavailable', { cause, retryAfter: 5 });
    }
  }

  #ask(): Promise<Rates> {
    const { currencies, now, provider, tokens } = this.#options;
    this.#asking ??= provider
      .fetch(tokens, currencies)
      .then((rates) => {
        this.#seen = { rates, at: now() };
        return rates;
      })
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }
}
