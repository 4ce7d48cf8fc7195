import type { Knex } from '@bundler/adapters';

/** Transactions with one token. */
export interface TokenFigures {
  readonly token: string;
  readonly credited: number;
  readonly failed: number;
  readonly pending: number;
  readonly winc: string;
  /** How long the first of those that are pending is known, seconds. */
  readonly pendingAge: number;
}

/** What of one kind is written down and not done. */
export interface OutboxFigures {
  readonly kind: 'webhook' | 'card-refund' | 'gift-mail';
  readonly count: number;
  /** How long the first of them waits, seconds. */
  readonly age: number;
}

export interface MoneyFigures {
  /** What all accounts of a kind hold together, in decimal digits. */
  readonly balances: readonly { readonly kind: string; readonly winc: string }[];
  /** Of all balances; 0 in a ledger that is sound. */
  readonly sum: string;
  readonly reservations: { readonly open: number; readonly age: number };
  readonly topUps: readonly TokenFigures[];
  readonly outbox: readonly OutboxFigures[];
  /** Payments by x402 that somebody has to look up on their chain. */
  readonly unclearX402: number;
}

/** Reads where the money is. One statement sees one moment: what moves meanwhile is in one place, and only one. */
export async function readMoneyFigures(db: Knex): Promise<MoneyFigures> {
  const result = await db.raw<{ rows: [MoneyFigures] }>(`
    select
      (select coalesce(json_agg(k), '[]') from (
        select kind, sum(balance)::text as winc from accounts group by kind) k) as balances,
      (select coalesce(sum(balance), 0)::text from accounts) as sum,
      (select json_build_object('open', count(*),
        'age', coalesce(extract(epoch from now() - min(created_at)), 0))
        from reservations where state = 'pending') as reservations,
      (select coalesce(json_agg(t), '[]') from (
        select token,
          count(*) filter (where state = 'credited') as credited,
          count(*) filter (where state = 'failed') as failed,
          count(*) filter (where state = 'pending') as pending,
          coalesce(sum(winc) filter (where state = 'credited'), 0)::text as winc,
          coalesce(extract(epoch from now() - min(created_at) filter (where state = 'pending')), 0) as "pendingAge"
        from top_ups group by token) t) as "topUps",
      (select json_agg(o) from (
        select 'webhook' as kind, count(*), coalesce(extract(epoch from now() - min(received_at)), 0) as age
          from card_events where handled_at is null
        union all select 'card-refund', count(*), coalesce(extract(epoch from now() - min(created_at)), 0)
          from outbox where done_at is null and kind = 'refund'
        union all select 'gift-mail', count(*), coalesce(extract(epoch from now() - min(created_at)), 0)
          from outbox where done_at is null and kind = 'gift-mail') o) as outbox,
      (select count(*)::int from x402_payments where state = 'unclear') as "unclearX402"`);
  return result.rows[0];
}
