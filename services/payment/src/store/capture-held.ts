import type { Knex } from '@bundler/adapters';
import { moveOf } from '../ledger/settlement.ts';
import { EARNED } from './accounts.ts';
import { again } from './transactions.ts';

/**
 * Spends what is held for items, in one statement: whoever waits for the accounts waits for one commit and not for a
 * conversation. Accounts are locked before reservations, in the order of their ids, as everywhere. What was given back
 * while it waited stays given back.
 *
 * @returns those whose credits moved now
 */
export async function captureHeld(db: Knex, dataItemIds: readonly string[]): Promise<string[]> {
  const from = 'pending';
  const { reason, to } = moveOf('capture', from)!;
  const result = await again(() =>
    db.raw<{ rows: { dataItemId: string }[] }>(CAPTURE, [dataItemIds, from, ...EARNED, to, from, reason] as never),
  );
  return result.rows.map(({ dataItemId }) => dataItemId);
}

/** The count makes sure that all accounts are locked before the first reservation moves. */
const CAPTURE = `
  with pending as materialized (
    select id, data_item_id from reservations where data_item_id = any(?::text[]) and state = ?
  ), part as materialized (
    select reference, credited as held, amount from transfers
    where reason = 'reserve' and reference in (select id::text from pending)
  ), locked as materialized (
    select id, kind from accounts
    where id in (select held from part) or (kind, owner) = (?, ?) order by id for update
  ), moving as (
    update reservations r set state = ?, settled_at = now() from pending
    where r.id = pending.id and r.state = ? and (select count(*) from locked) > 0
    returning r.id, r.data_item_id
  ), moved as (
    insert into transfers (reason, reference, debited, credited, amount)
    select ?, part.reference, part.held, earned.id, sum(part.amount)
    from moving join part on part.reference = moving.id::text join locked earned on earned.kind = 'earned'
    group by part.reference, part.held, earned.id
  )
  select data_item_id as "dataItemId" from moving`;
