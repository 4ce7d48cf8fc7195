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
      (select count(*) from reservations r where exists (
        select from (values ('reserve', true), ('capture', r.state in ('captured', 'refunded')),
          ('release', r.state = 'released'), ('refund', r.state = 'refunded')) as expected(reason, made)
        where coalesce((select sum(amount) from transfers t
          where t.reference = r.id::text and t.reason = expected.reason), 0)
          <> case when expected.made then r.winc else 0 end)) as reservations
  `);
  const row = result.rows[0]!;
  return { ...row, total: BigInt(row.total) };
}
