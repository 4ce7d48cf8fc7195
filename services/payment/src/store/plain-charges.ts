import type { Knex } from '@bundler/adapters';
import type { Charge } from './reservations.ts';
import { isConflict } from './transactions.ts';

/**
 * Charges that are the rule: each signer pays by themselves, has enough for all of theirs, and nothing of it was reserved
 * before. One statement looks and reserves, so that whoever waits for the accounts waits for one commit and not for a
 * conversation. The locks are taken in the order of `lockAccounts`; the select sees what they guard.
 *
 * @returns whether they were reserved: all of them, or none because one is not of that kind
 */
export async function reservePlain(db: Knex, charges: readonly Charge[], ttlMs: number): Promise<boolean> {
  if (!charges.every(isPlain) || new Set(charges.map(({ dataItemId }) => dataItemId)).size < charges.length)
    return false;
  const sorted = charges.toSorted((a, b) => (a.dataItemId < b.dataItemId ? -1 : 1));
  try {
    const result = await db.raw<{ rowCount: number }>(RESERVE, [
      sorted.map(({ dataItemId }) => dataItemId),
      sorted.map(({ signer }) => signer),
      sorted.map(({ byteCount }) => byteCount),
      sorted.map(({ winc }) => String(winc)),
      ttlMs,
    ] as never);
    return result.rowCount > 0;
  } catch (error) {
    // Somebody reserves for the same item at this moment: there is something of before now.
    if (isConflict(error)) return false;
    throw error;
  }
}

/** A price of nothing is no transfer, and whose credits are shared has approvals to be looked up. */
const isPlain = ({ paidBy = [], signer, winc }: Charge): boolean =>
  winc > 0n && paidBy.every((payer) => payer === signer);

const RESERVE = `
  with item as (
    select * from unnest(?::text[], ?::text[], ?::bigint[], ?::numeric[]) as item(id, signer, byte_count, winc)
  ), locked as materialized (
    select id, kind, owner, balance from accounts
    where (kind, owner) in (select kind, signer from item, (values ('available'), ('held')) as pocket (kind))
    order by id for update
  ), purse as (
    select own.owner, own.id, held.id as held, own.balance
    from locked own join locked held on held.owner = own.owner and held.kind = 'held' where own.kind = 'available'
  ), verdict as (
    select bool_and(coalesce(purse.balance, 0) >= due.winc) and not exists (
      select from reservations where data_item_id in (select id from item) and state in ('pending', 'captured')
    ) as all_plain
    from (select signer, sum(winc) as winc from item group by signer) due left join purse on purse.owner = due.signer
  ), made as (
    insert into reservations (data_item_id, signer, byte_count, winc, expires_at)
    select id, signer, byte_count, winc, now() + ?::bigint * interval '1 millisecond' from item, verdict where all_plain
    returning id, signer, winc
  )
  insert into transfers (reason, reference, debited, credited, amount)
  select 'reserve', made.id::text, purse.id, purse.held, made.winc from made join purse on purse.owner = made.signer`;
