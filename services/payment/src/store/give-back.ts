import type { Knex } from '@bundler/adapters';
import { moveOf, type ReservationState, type Settlement } from '../ledger/settlement.ts';
import { addTransfers, EARNED, type Transfer } from './accounts.ts';
import { isAmong, Overtaken, transact } from './transactions.ts';

/** What gives credits back. */
type Return = Exclude<Settlement, 'capture'>;

/**
 * Gives back what items have cost, or what is still held for them, to where it was taken from.
 *
 * @param now Unix milliseconds
 * @returns those whose credits moved now
 */
export function giveBack(
  db: Knex,
  dataItemIds: readonly string[],
  settlement: Return,
  now: () => number,
): Promise<string[]> {
  return transact(db, async (trx) => {
    const candidates = await activeIn(trx, dataItemIds);
    if (!candidates.some(({ state }) => moveOf(settlement, state))) return [];
    // Accounts before reservations, as in `reserve`: then no two transactions wait for each other.
    const parts = await partsOf(trx, candidates);
    const owners = await sharedOf(trx, parts);
    const earned = await lockWithEarned(trx, parts, owners);
    const active = await activeIn(trx, dataItemIds, 'for update');
    // One that was made meanwhile has parts that nobody has looked up or locked.
    if (!isAmong(active, candidates)) throw new Overtaken('a reservation was made meanwhile');
    const moving = active.flatMap((row) => {
      const move = moveOf(settlement, row.state);
      return move ? [{ ...row, ...move }] : [];
    });
    const sources = await sourcesNow(trx, owners, now());
    await addTransfers(trx, transfersOf(moving, parts, earned, sources));
    await trx.raw(
      `update reservations r set state = moved.state, settled_at = now()
       from unnest(?::bigint[], ?::text[]) as moved(id, state) where r.id = moved.id`,
      [moving.map(({ id }) => id), moving.map(({ to }) => to)] as never,
    );
    return moving.map(({ dataItemId }) => dataItemId);
  });
}

interface Active {
  readonly id: number;
  readonly dataItemId: string;
  readonly state: ReservationState;
}

/** An amount that a reservation took: where from, and where it is held. */
interface Held {
  readonly reference: string;
  readonly source: number;
  readonly held: number;
  readonly amount: string;
}

/** The reservations of items that count. */
async function activeIn(trx: Knex, dataItemIds: readonly string[], lock: '' | 'for update' = ''): Promise<Active[]> {
  const result = await trx.raw<{ rows: Active[] }>(
    `select id, data_item_id as "dataItemId", state from reservations
     where data_item_id = any(?::text[]) and state in ('pending', 'captured') order by id ${lock}`,
    [dataItemIds as never],
  );
  return result.rows;
}

async function partsOf(trx: Knex, reservations: readonly Active[]): Promise<Held[]> {
  const result = await trx.raw<{ rows: Held[] }>(
    `select reference, debited as source, credited as held, amount::text from transfers
     where reason = 'reserve' and reference = any(?::text[])`,
    [reservations.map(({ id }) => String(id)) as never],
  );
  return result.rows;
}

/** An approval that credits were taken from, and the account of whoever had given it. */
interface Shared {
  readonly account: number;
  readonly own: number;
}

/** The approvals among the sources of parts. */
async function sharedOf(trx: Knex, parts: readonly Held[]): Promise<Shared[]> {
  const result = await trx.raw<{ rows: Shared[] }>(
    `select a.account, o.id as own from approvals a
     join accounts o on o.kind = 'available' and o.owner = a.payer where a.account = any(?::bigint[])`,
    [parts.map(({ source }) => source) as never],
  );
  return result.rows;
}

/**
 * Where what was taken from approvals goes back to, once their accounts are locked: to the payer where the approval has
 * ended or expired. Sources that are not named take back what is theirs.
 */
async function sourcesNow(trx: Knex, shared: readonly Shared[], now: number): Promise<ReadonlyMap<number, number>> {
  if (shared.length === 0) return new Map();
  const result = await trx.raw<{ rows: { account: number }[] }>(
    `select account from approvals
     where account = any(?::bigint[]) and (state <> 'active' or expires_at <= ?)`,
    [shared.map(({ account }) => account), new Date(now)] as never,
  );
  const own = new Map(shared.map(({ account, own }) => [account, own]));
  return new Map(result.rows.map(({ account }) => [account, own.get(account)!]));
}

/** Locks the accounts of parts, those that they may go back to, and the one for what is earned, whose id it returns. */
async function lockWithEarned(trx: Knex, parts: readonly Held[], shared: readonly Shared[]): Promise<number> {
  const ids = [...parts.flatMap(({ source, held }) => [source, held]), ...shared.map(({ own }) => own)];
  const result = await trx.raw<{ rows: { id: number; kind: string }[] }>(
    `select id, kind from accounts where id = any(?::bigint[]) or (kind = ? and owner = ?) order by id for update`,
    [ids, ...EARNED] as never,
  );
  return result.rows.find(({ kind }) => kind === 'earned')!.id;
}

/** One transfer between each two accounts: two approvals of one payer may both have ended. */
function transfersOf(
  moving: readonly (Active & { readonly reason: Transfer['reason'] })[],
  parts: readonly Held[],
  earned: number,
  sources: ReadonlyMap<number, number>,
): Transfer[] {
  const byReference = Map.groupBy(parts, ({ reference }) => reference);
  return moving.flatMap(({ id, reason }) => {
    const between = new Map<string, Transfer>();
    for (const { amount, held, source } of byReference.get(String(id)) ?? []) {
      const debited = reason === 'refund' ? earned : held;
      const credited = sources.get(source) ?? source;
      const before = between.get(`${debited} ${credited}`)?.amount ?? 0n;
      between.set(`${debited} ${credited}`, {
        reason,
        reference: String(id),
        debited,
        credited,
        amount: before + BigInt(amount),
      });
    }
    return [...between.values()];
  });
}
