import type { Knex } from '@bundler/adapters';

/** What an account is for; see the migrations. */
export type AccountKind = 'available' | 'held' | 'shared' | 'earned' | 'issued' | 'gift' | 'disputed' | 'owed';

/** One account, and its balance as it was when it was locked. */
export interface Account {
  readonly id: number;
  readonly kind: AccountKind;
  readonly owner: string;
  readonly balance: bigint;
}

/** An account by what it is. */
export type AccountName = readonly [kind: AccountKind, owner: string];

/** What uploads have cost. It is always there. */
export const EARNED: AccountName = ['earned', 'uploads'];

/** The name of an account as a key of maps. */
export const nameOf = (kind: AccountKind, owner: string): string => `${kind}:${owner}`;

/** One movement of credits between two accounts. */
export interface Transfer {
  readonly reason:
    | 'top-up'
    | 'reserve'
    | 'capture'
    | 'release'
    | 'refund'
    | 'approve'
    | 'revoke'
    | 'expire'
    | 'redeem'
    | 'dispute'
    | 'dispute-won'
    | 'dispute-lost'
    | 'repay'
    | 'card-refund'
    | 'card-refund-failed'
    | 'dispute-refunded';
  /** What it was made for: with reason and accounts it happens once. */
  readonly reference: string;
  readonly debited: number;
  readonly credited: number;
  readonly amount: bigint;
}

/** Makes accounts that are not there yet. */
export async function openAccounts(db: Knex, names: readonly AccountName[]): Promise<void> {
  // Sorted, because two that make the same accounts in different orders could deadlock.
  const sorted = names.toSorted(([kindA, a], [kindB, b]) => (nameOf(kindA, a) < nameOf(kindB, b) ? -1 : 1));
  await db.raw(`insert into accounts (kind, owner) select * from unnest(?::text[], ?::text[]) on conflict do nothing`, [
    sorted.map(([kind]) => kind),
    sorted.map(([, owner]) => owner),
  ] as never);
}

/**
 * Locks accounts until the end of the transaction, in the order of their ids, so that no two transactions wait for each
 * other. Those that are not there are left out.
 */
export async function lockAccounts(trx: Knex, names: readonly AccountName[]): Promise<Map<string, Account>> {
  const result = await trx.raw<{ rows: (Omit<Account, 'balance'> & { balance: string })[] }>(
    `select id, kind, owner, balance::text from accounts
     where (kind, owner) in (select * from unnest(?::text[], ?::text[])) order by id for update`,
    [names.map(([kind]) => kind), names.map(([, owner]) => owner)] as never,
  );
  return new Map(
    result.rows.map((row) => [nameOf(row.kind, row.owner), { ...row, balance: BigInt(row.balance) }] as const),
  );
}

/** Adds transfers; the database moves the balances with them. @throws when one would overdraw an account */
export async function addTransfers(trx: Knex, transfers: readonly Transfer[]): Promise<void> {
  if (transfers.length === 0) return;
  await trx.raw(
    `insert into transfers (reason, reference, debited, credited, amount)
     select * from unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::numeric[])`,
    [
      transfers.map(({ reason }) => reason),
      transfers.map(({ reference }) => reference),
      transfers.map(({ debited }) => debited),
      transfers.map(({ credited }) => credited),
      transfers.map(({ amount }) => String(amount)),
    ] as never,
  );
}
