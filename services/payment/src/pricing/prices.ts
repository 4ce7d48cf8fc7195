import { ApiError } from '@bundler/contract';
import type { Chain } from '../chains/chain.ts';
import { type Adjusted, adjust } from '../ledger/adjust.ts';
import { converted, type Decimal, decimal } from '../ledger/decimal.ts';
import type { Adjustments } from '../store/adjustments.ts';
import { currencies } from './currencies.ts';
import type { Kept } from './kept.ts';
import type { PriceOracle } from './price-oracle.ts';
import { AR, type Rates } from './rates.ts';

const WINSTON_PER_AR = 10n ** 12n;

export interface PricesOptions {
  readonly oracle: Pick<PriceOracle, 'priceOf'>;
  readonly rates: Pick<Kept<Rates>, 'current'>;
  readonly adjustments: Pick<Adjustments, 'of'>;
}

/** A price or a worth in winc, and the adjustments in it. */
export interface Priced {
  readonly winc: bigint;
  readonly applied: readonly Adjusted[];
}

/** What uploads cost, and what payments are worth. Everything is computed in whole winc. */
export class Prices {
  readonly #options: PricesOptions;

  constructor(options: PricesOptions) {
    this.#options = options;
  }

  /** What storing so many bytes costs. @throws ApiError `price_unavailable` */
  async ofBytes(byteCount: number): Promise<Priced> {
    const { adjustments, oracle } = this.#options;
    const [price, adjusting] = await Promise.all([oracle.priceOf(byteCount), adjustments.of('upload')]);
    const { amount, applied } = adjust(price, adjusting);
    return { winc: amount, applied };
  }

  /** What a quantity of a token is worth. @throws ApiError `price_unavailable` */
  async ofToken(chain: Pick<Chain, 'token' | 'decimals' | 'rateOf'>, quantity: bigint): Promise<Priced> {
    const worth = await this.worthOf(chain);
    const { amount, applied } = adjust(worth(quantity), await this.#options.adjustments.of('top-up', chain.token));
    return { winc: amount, applied };
  }

  /** As `ofToken`, without the fees, for many quantities. */
  async worthOf({ decimals, rateOf }: Pick<Chain, 'decimals' | 'rateOf'>): Promise<(quantity: bigint) => bigint> {
    if (rateOf === undefined) return (quantity) => quantity;
    const rates = await this.#options.rates.current();
    const rate = rates[rateOf]?.usd;
    if (!rate) throw new ApiError('price_unavailable', { retryAfter: 60 });
    return (quantity) => converted(quantity * WINSTON_PER_AR, rate, rates[AR]!.usd!) / 10n ** BigInt(decimals);
  }

  /** What an amount of a currency is worth, in its smallest unit. @throws ApiError when nobody could pay it */
  async ofCurrency(code: string, amount: number): Promise<Priced> {
    const currency = currencies[code];
    if (!currency) throw new ApiError('invalid_request', { detail: `There is no currency ${code}.` });
    const { decimals, maximum, minimum } = currency;
    if (amount < minimum || amount > maximum)
      throw new ApiError('invalid_request', { detail: `Give an amount from ${minimum} to ${maximum}.` });
    const rate = await this.rateOf(code);
    const worth = converted(BigInt(amount) * WINSTON_PER_AR, decimal('1'), rate) / 10n ** BigInt(decimals);
    const adjusted = adjust(worth, await this.#options.adjustments.of('top-up', code));
    return { winc: adjusted.amount, applied: adjusted.applied };
  }

  /** What one AR costs in a currency. @throws ApiError `not_found` for one that nobody pays in */
  async rateOf(code: string): Promise<Decimal> {
    if (!currencies[code]) throw new ApiError('not_found', { detail: 'There is no such currency.' });
    return (await this.#options.rates.current())[AR]![code]!;
  }
}
