import { randomUUID } from 'node:crypto';
import type { Knex } from '@bundler/adapters';
import { type Account, addTransfers, lockAccounts, nameOf, type Transfer } from './accounts.ts';
import { transact } from './transactions.ts';

/**
 * The part of what somebody is given that pays what they owe.
 *
 * @param accounts locked, `available` and `owed` of that address among them; no `owed` means no debt
 */
export function repayment(
  accounts: ReadonlyMap<string, Account>,
  address: string,
  given: bigint,
  reference: string,
): Transfer[] {
  const owed = accounts.get(nameOf('owed', address));
  if (!owed || owed.balance >= 0n || given <= 0n) return [];
  const amount = given < -owed.balance ? given : -owed.balance;
  const debited = accounts.get(nameOf('available', address))!.id;
  return [{ reason: 'repay', reference, debited, credited: owed.id, amount }];
}

/** Collects from all who owe and have something again: what an upload had reserved comes back by itself. */
export async function collectDebts(db: Knex): Promise<void> {
  const { rows } = await db.raw<{ rows: { owner: string }[] }>(
    `select owner from accounts o where kind = 'owed' and balance < 0 and exists (
       select from accounts a where a.kind = 'available' and a.owner = o.owner and a.balance > 0)`,
  );
  for (const { owner } of rows) {
    await transact(db, async (trx) => {
      const accounts = await lockAccounts(trx, [
        ['available', owner],
        ['owed', owner],
      ]);
      const has = accounts.get(nameOf('available', owner))!.balance;
      await addTransfers(trx, repayment(accounts, owner, has, `collect:${randomUUID()}`));
    });
  }
}
