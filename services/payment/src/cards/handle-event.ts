import { randomBytes } from 'node:crypto';
import type { Knex } from '@bundler/adapters';
import type { AccountName } from '../store/accounts.ts';
import { creditOnce } from '../store/balances.ts';
import { TooEarly } from '../store/card-events.ts';
import { noteRefund } from '../store/card-refunds.ts';
import { type CardPurchase, settleClaims } from '../store/claims.ts';
import { closeDispute, openDispute } from '../store/disputes.ts';
import { makeGift } from '../store/gifts.ts';
import { send } from '../store/outbox.ts';
import { PAYMENT_GRACE_MS } from '../store/promo-codes.ts';
import type { CardEvent } from './provider.ts';

/** The account of what came in by card. */
export const CARDS = 'stripe';
const ISSUED: AccountName = ['issued', CARDS];
const GIFT_CODE_BYTES = 24;
/** Namespace of the advisory locks below, so that they meet no other lock of this database. */
const PAYMENT_LOCKS = 104;
/** What the id of a quote looks like: the key's type takes nothing else. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Paid = Extract<CardEvent, { type: 'paid' }>;
type Disputed = Extract<CardEvent, { type: 'disputed' }>;
type Refunded = Extract<CardEvent, { type: 'refunded' }>;

interface Row {
  readonly id: string;
  readonly destination: string;
  readonly isGift: boolean;
  readonly giftMessage: string | null;
  readonly currency: string;
  readonly paymentAmount: number;
  readonly winc: string;
  readonly state: 'open' | 'paid' | 'failed';
  readonly paymentIntent: string | null;
  readonly expiresAt: Date;
}

/**
 * Does what follows from a message of the card provider, in the transaction that marks it as handled.
 *
 * @param id of the message
 */
export async function handleCardEvent(trx: Knex, event: CardEvent, id: string): Promise<string> {
  // What is told of one payment is handled one after the other: a refund that comes with its payment must be seen by one of them.
  await trx.raw('select pg_advisory_xact_lock(?, hashtext(?))', [PAYMENT_LOCKS, event.paymentIntent]);
  if (event.type === 'paid') return handlePaid(trx, event, id);
  if (event.type === 'disputed') return handleDisputed(trx, event, id);
  return handleRefunded(trx, event, id);
}

/**
 * Credits what was promised, once. Money that came for nothing we promised goes back whole: nobody is given another price
 * than the one that they saw.
 */
async function handlePaid(trx: Knex, paid: Paid, message: string): Promise<string> {
  const quote = UUID.test(paid.quoteId) ? await lockQuote(trx, 'id', paid.quoteId) : undefined;
  // Quotes are kept before the provider hears of them: this one is another installation's with the same Stripe account.
  if (!quote) return 'no quote of ours';
  if (quote.paymentIntent === paid.paymentIntent) return 'known';
  const fault = faultOf(quote, paid);
  if (fault !== undefined) {
    await send(trx, 'refund', paid.paymentIntent, { paymentIntent: paid.paymentIntent, quote: quote.id, fault });
    // A second payment leaves the first as it is.
    if (quote.state === 'open') await settle(trx, quote.id, 'failed', paid.paymentIntent);
    return `refund: ${fault}`;
  }
  await settle(trx, quote.id, 'paid', paid.paymentIntent);
  const purchase = purchaseOf(quote, paid.paymentIntent);
  if (!quote.isGift) {
    await creditOnce(trx, quote.destination, purchase.winc, CARDS, quote.id);
    await settleClaims(trx, purchase, message);
    return 'credited';
  }
  const id = randomBytes(GIFT_CODE_BYTES).toString('base64url');
  const gift = { id, quote: quote.id, email: quote.destination, winc: purchase.winc };
  const expiresAt = await makeGift(trx, gift, CARDS);
  const left = purchase.winc - (await settleClaims(trx, purchase, message));
  if (left === 0n) return 'gift: refunded before it was made';
  await send(trx, 'gift-mail', id, {
    id,
    to: quote.destination,
    winc: String(left),
    message: quote.giftMessage,
    expiresAt: expiresAt.toISOString(),
  });
  return 'gift';
}

/** Why a payment cannot be credited. */
function faultOf(quote: Row, paid: Paid): string | undefined {
  if (quote.state !== 'open') return 'the quote was settled before';
  if (paid.amount !== quote.paymentAmount || paid.currency !== quote.currency) return 'another amount than was quoted';
  if (paid.at > quote.expiresAt.getTime() + PAYMENT_GRACE_MS) return 'the quote had expired';
  return undefined;
}

/** A dispute may be told of before the payment, and its end before its beginning. */
async function handleDisputed(trx: Knex, event: Disputed, message: string): Promise<string> {
  const quote = await lockQuote(trx, 'payment_intent', event.paymentIntent);
  if (!quote) throw new TooEarly(`no payment ${event.paymentIntent} was credited here`);
  if (quote.state !== 'paid') return 'nothing was credited';
  const purchase = purchaseOf(quote, event.paymentIntent);
  // In another currency it is told in that of the bank's; then it is about the whole.
  const amount = event.currency === quote.currency ? BigInt(event.amount) : purchase.paid;
  const isNew = await openDispute(trx, purchase, { id: event.dispute, amount });
  const isOver = event.state !== 'open' && (await closeDispute(trx, event.dispute, event.state, ISSUED));
  await settleClaims(trx, purchase, message);
  if (isOver) return event.state;
  return isNew ? 'debited' : 'known';
}

/** A refund may be told of before the payment; then it is kept, and counts when that is credited. */
async function handleRefunded(trx: Knex, event: Refunded, message: string): Promise<string> {
  await noteRefund(trx, { ...event, id: event.refund });
  const quote = await lockQuote(trx, 'payment_intent', event.paymentIntent);
  // So it is also of what this service has given back by itself, and of what others sell with the same Stripe account.
  if (quote?.state !== 'paid') return 'nothing was credited';
  const taken = await settleClaims(trx, purchaseOf(quote, event.paymentIntent), message);
  if (taken === 0n) return 'known';
  return taken > 0n ? 'debited' : 'given back';
}

const purchaseOf = ({ id, paymentAmount, winc }: Row, paymentIntent: string): CardPurchase => ({
  quote: id,
  paymentIntent,
  issued: ISSUED,
  winc: BigInt(winc),
  paid: BigInt(paymentAmount),
});

async function lockQuote(trx: Knex, by: 'id' | 'payment_intent', value: string): Promise<Row | undefined> {
  const { rows } = await trx.raw<{ rows: Row[] }>(
    `select id, destination, is_gift as "isGift", gift_message as "giftMessage", currency, state, winc::text,
       payment_amount as "paymentAmount", payment_intent as "paymentIntent", expires_at as "expiresAt"
     from card_quotes where ${by} = ? for update`,
    [value],
  );
  return rows[0];
}

async function settle(trx: Knex, id: string, state: 'paid' | 'failed', paymentIntent: string): Promise<void> {
  await trx.raw(`update card_quotes set state = ?, payment_intent = ?, settled_at = now() where id = ?`, [
    state,
    paymentIntent,
    id,
  ]);
}
