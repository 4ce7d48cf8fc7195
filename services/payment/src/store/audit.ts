import type { Knex } from '@bundler/adapters';

/** What does not add up; all zero in a ledger that is sound. */
export interface Imbalance {
  /** Sum of all balances: every transfer takes what it gives. */
  readonly total: bigint;
  /** Accounts whose balance is not the sum of their transfers. */
  readonly accounts: number;
  /** Reservations whose credits are not where their state says. */
  readonly reservations: number;
}

/** Adds everything up anew, as an accountant does who trusts no balance. */
export async function audit(db: Knex): Promise<Imbalance> {
  const result = await db.raw<{ rows: { total: string; accounts: number; reservations: number }[] }>(`
    select
      (select coalesce(sum(balance), 0)::text from accounts) as total,
      (select count(*) from accounts a where a.balance <> coalesce((
        select sum(case when t.credited = a.id then t.amount else -t.amount end)
        from transfers t where a.id in (t.credited, t.debited)), 0)) as accounts,
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
          or t.refunded <> case when r.state = 'refunded' then t.captured else 0 end) as reservations
  `);
  const row = result.rows[0]!;
  return { ...row, total: BigInt(row.total) };
}
