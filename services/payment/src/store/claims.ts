import type { Knex } from '@bundler/adapters';
import { duesFor, type Purchase } from '../ledger/take-back.ts';
import type { AccountName, Transfer } from './accounts.ts';
import { readRefunded } from './card-refunds.ts';
import { settleGift } from './gifts.ts';
import { bringBack, holderOf, takeBack } from './take-back.ts';

/** A payment by card that was credited. Whoever takes back of it holds the lock of its quote. */
export interface CardPurchase extends Purchase {
  readonly quote: string;
  readonly paymentIntent: string;
  /** The account that its credits came from. */
  readonly issued: AccountName;
}

/** What takes credits of a payment back. */
interface Claim {
  readonly id: string;
  /** Of what was paid. */
  readonly part: bigint;
  /** What it has taken until now, and where that is. */
  readonly taken: bigint;
  readonly account: AccountName;
  readonly reasons: { readonly take: Transfer['reason']; readonly giveBack: Transfer['reason'] };
  /** Says what it has taken now. */
  readonly note: string;
}

const REFUNDS = {
  reasons: { take: 'card-refund', giveBack: 'card-refund-failed' },
  note: 'update card_quotes set refunded_winc = ? where id = ?',
} as const;
// What disputes have taken shrinks when it is refunded, and grows when the refund fails.
const DISPUTES = {
  reasons: { take: 'dispute', giveBack: 'dispute-refunded' },
  note: 'update disputes set winc = ? where id = ?',
} as const;

/**
 * Brings what is taken back of a payment to what is due by all that is known now, for its refunds first and then for each of its
 * disputes. It is asked for whenever one of them has changed; what was taken before is not taken again.
 *
 * @param cause the message that has changed something; it settles a payment once
 * @returns what it has taken in all; below zero what it has given back
 */
export async function settleClaims(trx: Knex, purchase: CardPurchase, cause: string): Promise<bigint> {
  const claims = await claimsOn(trx, purchase);
  const dues = duesFor(
    purchase,
    claims.map(({ part }) => part),
  );
  const changes = claims.map((claim, index) => ({ claim, due: dues[index]!, winc: dues[index]! - claim.taken }));
  const holder = await holderOf(trx, purchase.quote);
  // What one gives back another may take.
  for (const { claim, due, winc } of changes.toSorted((a, b) => Number(a.winc - b.winc))) {
    if (winc === 0n) continue;
    const { account, id, reasons } = claim;
    const reference = `${id}:${cause}`;
    if (winc > 0n) await takeBack(trx, holder, account, { reason: reasons.take, reference, winc });
    else await bringBack(trx, holder, account, { reason: reasons.giveBack, reference, winc: -winc });
    await trx.raw(claim.note, [String(due), id]);
  }
  if (holder.kind === 'gift') await settleGift(trx, purchase.quote);
  return changes.reduce((sum, { winc }) => sum + winc, 0n);
}

/** Refunds first: that money has gone for good. Disputes that are won claim nothing. */
async function claimsOn(trx: Knex, { issued, paymentIntent, quote }: CardPurchase): Promise<Claim[]> {
  const { rows: quotes } = await trx.raw<{ rows: [{ taken: string }] }>(
    'select refunded_winc::text as taken from card_quotes where id = ?',
    [quote],
  );
  const { rows: disputes } = await trx.raw<{ rows: { id: string; isOpen: boolean; part: string; taken: string }[] }>(
    `select d.id, d.state = 'open' as "isOpen", d.winc::text as taken,
       coalesce(d.amount, div(d.winc * q.payment_amount, q.winc))::text as part
     from disputes d join card_quotes q on q.id = d.quote where q.id = ? and d.state <> 'won' order by d.opened_at, d.id`,
    [quote],
  );
  const refunded = await readRefunded(trx, paymentIntent);
  return [
    { ...REFUNDS, id: quote, part: refunded, taken: BigInt(quotes[0].taken), account: issued },
    ...disputes.map(
      ({ id, isOpen, part, taken }): Claim => ({
        ...DISPUTES,
        id,
        part: BigInt(part),
        taken: BigInt(taken),
        account: isOpen ? ['disputed', id] : issued,
      }),
    ),
  ];
}
