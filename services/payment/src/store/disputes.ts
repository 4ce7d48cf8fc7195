import type { Knex } from '@bundler/adapters';
import { type AccountName, addTransfers, lockAccounts, nameOf } from './accounts.ts';
import type { CardPurchase } from './claims.ts';
import { bringBack, type Holder, holderOf } from './take-back.ts';

/** A payment that its payer's bank wants back. */
export interface Dispute {
  readonly id: string;
  /** The part of what was paid that is disputed. */
  readonly amount: bigint;
}

/**
 * Notes a dispute; the claims on the payment are to be settled then. Whoever has got the credits is flagged: cards are taken
 * for them no more. False when that was done before.
 */
export async function openDispute(trx: Knex, { paid, quote }: CardPurchase, dispute: Dispute): Promise<boolean> {
  const { kind, owner } = await holderOf(trx, quote);
  // A gift that nobody has redeemed cannot be redeemed while its payment is disputed, so all of it waits.
  const amount = kind === 'gift' ? paid : dispute.amount;
  const known = await trx.raw(
    `insert into disputes (id, quote, address, state, winc, amount) values (?, ?, ?, 'open', 0, ?) on conflict do nothing`,
    [dispute.id, quote, owner, String(amount)],
  );
  if (known.rowCount === 0) return false;
  if (kind === 'gift') return true;
  await trx.raw(`insert into flagged_accounts (address, reason) values (?, ?) on conflict (address) do nothing`, [
    owner,
    `dispute ${dispute.id}`,
  ]);
  return true;
}

/**
 * Ends a dispute. Won, the credits go back, first to what is owed, and the flag goes unless other disputes keep it; lost,
 * they leave the ledger the way that they came, and a debt stays one. False for one that has ended.
 */
export async function closeDispute(trx: Knex, id: string, end: 'won' | 'lost', issued: AccountName): Promise<boolean> {
  const { rows } = await trx.raw<{ rows: { address: string; quote: string; winc: string }[] }>(
    `update disputes set state = ?, closed_at = now() where id = ? and state = 'open' returning address, quote, winc::text`,
    [end, id],
  );
  const [row] = rows;
  if (!row) return false;
  const { address, quote } = row;
  const winc = BigInt(row.winc);
  if (end === 'lost') {
    await writeOff(trx, id, winc, issued);
    return true;
  }
  // A gift's owner is its quote.
  const holder: Holder = { kind: address === quote ? 'gift' : 'available', owner: address };
  await bringBack(trx, holder, ['disputed', id], { reason: 'dispute-won', reference: id, winc });
  await trx.raw(
    `delete from flagged_accounts f where address = ? and not exists (
       select from disputes d where d.address = f.address and d.state <> 'won')`,
    [address],
  );
  return true;
}

async function writeOff(trx: Knex, id: string, winc: bigint, issued: AccountName): Promise<void> {
  if (winc === 0n) return;
  const accounts = await lockAccounts(trx, [['disputed', id], issued]);
  const [debited, credited] = [accounts.get(nameOf('disputed', id))!.id, accounts.get(nameOf(...issued))!.id];
  await addTransfers(trx, [{ reason: 'dispute-lost', reference: id, debited, credited, amount: winc }]);
}
