import type { Knex } from '@bundler/adapters';
import { type Discount, discounted } from '../ledger/promo-code.ts';
import { type PromoPayment, usablePromos } from './promo-codes.ts';
import { transact } from './transactions.ts';

/** A payment by card that was offered: its price holds until it expires. Amounts are in the currency's smallest unit. */
export interface CardQuote {
  readonly id: string;
  /** Who gets the credits; of a gift, the e-mail address that is told of it. */
  readonly destination: string;
  readonly isGift: boolean;
  readonly giftMessage: string | null;
  readonly currency: string;
  /** What the credits are worth, and what is left of it to be paid after promo codes. */
  readonly quotedAmount: number;
  readonly paymentAmount: number;
  readonly winc: bigint;
  readonly expiresAt: Date;
}

/** What is asked for a quote. */
export interface QuoteWish extends Omit<CardQuote, 'paymentAmount' | 'expiresAt'> {
  readonly promoCodes: readonly string[];
  /** The least that a card can be charged. */
  readonly least: number;
  readonly lifetimeMs: number;
}

/** One that was paid, as its payer's history shows it. */
export interface PaidQuote {
  readonly id: string;
  readonly winc: string;
  readonly paymentAmount: number;
  readonly currency: string;
  readonly giftMessage: string | null;
  readonly settledAt: Date;
}

/** The offers, before anybody has paid. What becomes of them is told by the card provider. */
export class CardQuotes {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Fixes a price and takes a use of its promo codes. @throws ApiError for a code that does not count */
  open(wish: QuoteWish): Promise<{ readonly quote: CardQuote; readonly discounts: readonly Discount[] }> {
    return transact(this.#db, async (trx) => {
      const { least, lifetimeMs, promoCodes, ...about } = wish;
      const address = about.isGift ? undefined : about.destination;
      const payment: PromoPayment = { currency: about.currency, amount: about.quotedAmount, address };
      const promos = await usablePromos(trx, promoCodes, payment, 'for update');
      const { amount, discounts } = discounted(about.quotedAmount, promos, least);
      const { rows } = await trx.raw<{ rows: { expiresAt: Date }[] }>(
        `insert into card_quotes (id, destination, is_gift, gift_message, currency, quoted_amount, payment_amount, winc,
           promo_codes, expires_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, now() + ? * interval '1 millisecond') returning expires_at as "expiresAt"`,
        [
          about.id,
          about.destination,
          about.isGift,
          about.giftMessage,
          about.currency,
          about.quotedAmount,
          amount,
          String(about.winc),
          promos.map(({ code }) => code),
          lifetimeMs,
        ] as never,
      );
      return { quote: { ...about, paymentAmount: amount, expiresAt: rows[0]!.expiresAt }, discounts };
    });
  }

  /** Takes one back that nobody can pay, because the provider has not heard of it. */
  async drop(id: string): Promise<void> {
    await this.#db.raw(`delete from card_quotes where id = ? and state = 'open'`, [id]);
  }

  /** Whether cards of an address are refused, because a payment for it was disputed. */
  async isFlagged(address: string): Promise<boolean> {
    const result = await this.#db.raw('select from flagged_accounts where address = ?', [address]);
    return result.rowCount > 0;
  }

  /** What cards have brought an address, latest first; before a moment, when one is given. */
  async history(address: string, limit: number, before?: Date): Promise<PaidQuote[]> {
    const { rows } = await this.#db.raw<{ rows: PaidQuote[] }>(
      `select id, winc::text, payment_amount as "paymentAmount", currency, gift_message as "giftMessage",
         settled_at as "settledAt"
       from card_quotes where state = 'paid' and destination = ? and settled_at < ? order by settled_at desc limit ?`,
      [address, before ?? 'infinity', limit] as never,
    );
    return rows;
  }
}
