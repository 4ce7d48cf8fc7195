import type { Knex } from '@bundler/adapters';
import { type AccountName, addTransfers, lockAccounts, nameOf, openAccounts } from './accounts.ts';
import { repayment } from './debts.ts';
import { transact } from './transactions.ts';

/** What somebody has, as their accounts say. */
export class Balances {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** What an address can spend; undefined for one that never had anything. */
  async available(address: string): Promise<bigint | undefined> {
    const result = await this.#db.raw<{ rows: { balance: string }[] }>(
      `select balance::text from accounts where kind = 'available' and owner = ?`,
      [address],
    );
    const [row] = result.rows;
    return row && BigInt(row.balance);
  }

  /**
   * Credits an address with what came in from outside, once for each reference. False: that was done before.
   *
   * @param source what it came through, as `arweave`
   */
  credit(address: string, winc: bigint, source: string, reference: string): Promise<boolean> {
    return transact(this.#db, (trx) => creditOnce(trx, address, winc, source, reference));
  }
}

/** As `Balances.credit`, as a part of a transaction. */
export async function creditOnce(
  trx: Knex,
  address: string,
  winc: bigint,
  source: string,
  reference: string,
): Promise<boolean> {
  const names: AccountName[] = [
    ['available', address],
    ['held', address],
    ['issued', source],
  ];
  await openAccounts(trx, names);
  const accounts = await lockAccounts(trx, [...names, ['owed', address]]);
  const debited = accounts.get(nameOf('issued', source))!.id;
  const credited = accounts.get(nameOf('available', address))!.id;
  // Whoever makes the same one now waits for the lock above.
  const made = await trx.raw(`select from transfers where reason = 'top-up' and reference = ? and debited = ?`, [
    reference,
    debited,
  ]);
  if (made.rowCount > 0) return false;
  await addTransfers(trx, [
    { reason: 'top-up', reference, debited, credited, amount: winc },
    ...repayment(accounts, address, winc, `${source}:${reference}`),
  ]);
  return true;
}
