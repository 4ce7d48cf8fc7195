import { type Decimal, decimal } from '../ledger/decimal.ts';

/** What one whole token is worth, by token and then by currency. */
export type Rates = Readonly<Record<string, Readonly<Record<string, Decimal>>>>;

/** The name of AR where rates are told. */
export const AR = 'arweave';

/** Somebody who knows what tokens are worth. */
export interface RatesProvider {
  /** What it knows of them. @throws when that is not all of AR, which everything is counted in */
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
    const rateOf = (token: string, currency: string): [string, Decimal][] => {
      const rate = told[token]?.[currency];
      return typeof rate === 'number' && rate > 0 ? [[currency, decimal(String(rate))]] : [];
    };
    const missing = currencies.find((code) => rateOf(AR, code).length === 0);
    if (missing !== undefined) throw new Error(`rates: none of ${AR} in ${missing}`);
    return Object.fromEntries(
      tokens.map((token) => [token, Object.fromEntries(currencies.flatMap((code) => rateOf(token, code)))]),
    );
  }
}
