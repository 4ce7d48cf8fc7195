import type { Knex } from '@bundler/adapters';

/** What does not add up; all zero in a ledger that is sound. */
export interface Imbalance {
  /** Sum of all balances: every transfer takes what it gives. */
  readonly total: bigint;
  /** Accounts whose balance is not the sum of their transfers. */
  readonly accounts: number;
  /** Reservations whose credits are not where their state says. */
  readonly reservations: number;
  /** Approvals that hold what they should not, or gave or took other amounts than they say. */
  readonly approvals: number;
}

/** By how much each account is off from the sum of its transfers. */
const DIFFERENCES = `
  with moved as (
    select account, sum(amount) as amount from (
      select credited as account, amount from transfers union all select debited, -amount from transfers
    ) sides group by account
  )
  select a.balance - coalesce(m.amount, 0) as off from accounts a left join moved m on m.account = a.id`;

/**
 * Adds up every transfer there is, and says by how much accounts are off in all; '0' in a ledger that is sound. It costs as much
 * as there is of history.
 */
export async function readAccountDifferences(db: Knex): Promise<string> {
  const result = await db.raw<{ rows: [{ off: string }] }>(
    `select coalesce(sum(abs(off)), 0)::text as off from (${DIFFERENCES}) d`,
  );
  return result.rows[0].off;
}

/** Adds everything up anew, as an accountant does who trusts no balance. */
export async function audit(db: Knex): Promise<Imbalance> {
  const result = await db.raw<{
    rows: { total: string; accounts: number; reservations: number; approvals: number }[];
  }>(`
    select
      (select coalesce(sum(balance), 0)::text from accounts) as total,
      (select count(*) from (${DIFFERENCES}) d where off <> 0) as accounts,
      (select count(*) from reservations r cross join lateral (
        select
          coalesce(sum(amount) filter (where reason = 'reserve'), 0) as reserved,
          coalesce(sum(amount) filter (where reason = 'capture'), 0) as captured,
          coalesce(sum(amount) filter (where reason = 'release'), 0) as released,
          coalesce(sum(amount) filter (where reason = 'refund'), 0) as refunded
        from transfers t where t.reference = r.id::text
          and t.reason in ('reserve', 'capture', 'release', 'refund')) t
        where t.reserved <> r.winc
          or t.captured + t.released <> case when r.state = 'pending' then 0 else r.winc end
          or r.state = 'captured' and t.released > 0
          or r.state = 'released' and t.captured > 0
          or t.refunded <> case when r.state = 'refunded' then t.captured else 0 end) as reservations,
      (select count(*) from approvals a join accounts c on c.id = a.account cross join lateral (
        select
          coalesce(sum(amount) filter (where reason = 'approve'), 0) as approved,
          coalesce(sum(amount) filter (where reason in ('revoke', 'expire')), 0) as returned
        from transfers t where t.reference = a.id) t
        where t.approved <> a.winc or c.owner <> a.id or c.balance > a.winc or t.returned <> coalesce(a.returned, 0)
          or a.state <> 'active' and c.balance <> 0) as approvals
  `);
  const row = result.rows[0]!;
  return { ...row, total: BigInt(row.total) };
}
