import type { CardQuotes, PaidQuote } from './card-quotes.ts';
import type { TopUp, TopUps } from './top-ups.ts';

/** A payment as its payer's history shows it; what else is in it depends on its type. */
export interface PastPayment {
  readonly type: 'crypto' | 'fiat';
  readonly date: Date;
  readonly [detail: string]: unknown;
}

/** What somebody has paid in, by whatever way. */
export class PaymentHistory {
  readonly #tokens: Pick<TopUps, 'history'>;
  readonly #cards: Pick<CardQuotes, 'history'>;

  constructor(tokens: Pick<TopUps, 'history'>, cards: Pick<CardQuotes, 'history'>) {
    this.#tokens = tokens;
    this.#cards = cards;
  }

  /** Latest first; before a moment, when one is given. */
  async of(address: string, limit: number, before?: Date): Promise<PastPayment[]> {
    const [tokens, cards] = await Promise.all([
      this.#tokens.history(address, limit, before),
      this.#cards.history(address, limit, before),
    ]);
    const all = [...tokens.map(tokenPayment), ...cards.map(cardPayment)];
    return all.toSorted((a, b) => b.date.getTime() - a.date.getTime()).slice(0, limit);
  }
}

function tokenPayment(topUp: TopUp): PastPayment {
  return {
    type: 'crypto',
    date: topUp.settledAt!,
    wincCredited: topUp.winc,
    tokenType: topUp.token,
    tokenQuantity: topUp.quantity,
    senderAddress: topUp.sender,
    transactionId: topUp.transactionId,
    blockHeight: topUp.blockHeight,
  };
}

function cardPayment(quote: PaidQuote): PastPayment {
  return {
    type: 'fiat',
    date: quote.settledAt,
    wincCredited: quote.winc,
    paymentAmount: quote.paymentAmount,
    currencyType: quote.currency,
    paymentProvider: 'stripe',
    receiptId: quote.id,
    ...(quote.giftMessage !== null && { giftMessage: quote.giftMessage }),
  };
}
