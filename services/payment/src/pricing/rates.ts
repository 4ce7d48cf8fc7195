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
