import type { Knex } from '@bundler/adapters';
import { type AccountName, addTransfers, lockAccounts, nameOf, openAccounts } from './accounts.ts';
import { repayment } from './debts.ts';
import { transact } from './transactions.ts';

/** Credits that wait for whoever has the code. */
export interface Gift {
  /** The code. */
  readonly id: string;
  readonly quote: string;
  readonly email: string;
  readonly winc: bigint;
}

/** For how long a gift can be redeemed, days. */
const LIFETIME_DAYS = 365;

/** Puts what was paid aside for a gift, as a part of a transaction. @returns until when it can be redeemed */
export async function makeGift(trx: Knex, { email, id, quote, winc }: Gift, source: string): Promise<Date> {
  const names: AccountName[] = [
    ['gift', quote],
    ['issued', source],
  ];
  await openAccounts(trx, names);
  const accounts = await lockAccounts(trx, names);
  const debited = accounts.get(nameOf('issued', source))!.id;
  const credited = accounts.get(nameOf('gift', quote))!.id;
  await addTransfers(trx, [{ reason: 'top-up', reference: quote, debited, credited, amount: winc }]);
  const { rows } = await trx.raw<{ rows: { expiresAt: Date }[] }>(
    `insert into gifts (id, quote, email, winc, expires_at) values (?, ?, ?, ?, now() + ? * interval '1 day')
     returning expires_at as "expiresAt"`,
    [id, quote, email, String(winc), LIFETIME_DAYS],
  );
  return rows[0]!.expiresAt;
}

/**
 * Says whether a gift that nobody has redeemed can be: while something is left in it, and no dispute is about its payment.
 * It is asked for when either has changed.
 */
export async function settleGift(trx: Knex, quote: string): Promise<void> {
  await trx.raw(
    `update gifts g set state = case when a.balance > 0 and not exists (
       select from disputes d where d.quote = g.quote and d.state <> 'won') then 'open' else 'void' end
     from accounts a where g.quote = ? and g.state <> 'redeemed' and a.kind = 'gift' and a.owner = g.quote::text`,
    [quote],
  );
}

/** Why a gift brings nothing. One answer for a wrong code and a wrong e-mail address: neither can be tried out. */
export type GiftFault = 'unknown' | 'redeemed' | 'expired' | 'void';

/** What somebody has after redeeming a gift. */
export interface Redeemed {
  readonly balance: bigint;
  readonly since: Date;
}

export class Gifts {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Gives a gift to an address, once. The same by the same address again says what it said before. */
  redeem(id: string, email: string, address: string): Promise<Redeemed | GiftFault> {
    return transact(this.#db, async (trx) => {
      const { rows } = await trx.raw<{ rows: Row[] }>(
        `select quote, email, state, redeemed_by as "redeemedBy", expires_at <= now() as "isOver"
         from gifts where id = ? for update`,
        [id],
      );
      const [gift] = rows;
      if (!gift || gift.email.toLowerCase() !== email.toLowerCase()) return 'unknown';
      if (gift.state === 'void') return 'void';
      if (gift.state === 'redeemed' && gift.redeemedBy !== address) return 'redeemed';
      if (gift.state === 'open') {
        if (gift.isOver) return 'expired';
        await give(trx, gift, address);
        await trx.raw(`update gifts set state = 'redeemed', redeemed_by = ?, redeemed_at = now() where id = ?`, [
          address,
          id,
        ]);
      }
      return whatIsThere(trx, address);
    });
  }
}

interface Row {
  readonly quote: string;
  readonly email: string;
  readonly state: 'open' | 'redeemed' | 'void';
  readonly redeemedBy: string | null;
  readonly isOver: boolean;
}

async function give(trx: Knex, { quote }: Row, address: string): Promise<void> {
  const names: AccountName[] = [
    ['gift', quote],
    ['available', address],
    ['held', address],
  ];
  await openAccounts(trx, names);
  const accounts = await lockAccounts(trx, [...names, ['owed', address]]);
  // What is left of it: a part of its payment may have been refunded.
  const { balance: winc, id: debited } = accounts.get(nameOf('gift', quote))!;
  const credited = accounts.get(nameOf('available', address))!.id;
  await addTransfers(trx, [
    { reason: 'redeem', reference: quote, debited, credited, amount: winc },
    ...repayment(accounts, address, winc, `gift:${quote}`),
  ]);
}

async function whatIsThere(trx: Knex, address: string): Promise<Redeemed> {
  const { rows } = await trx.raw<{ rows: { balance: string; since: Date }[] }>(
    `select balance::text, created_at as since from accounts where kind = 'available' and owner = ?`,
    [address],
  );
  return { balance: BigInt(rows[0]!.balance), since: rows[0]!.since };
}
