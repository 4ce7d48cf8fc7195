import type { Knex } from '@bundler/adapters';
import { refundedOf, type ToldRefunds } from '../ledger/take-back.ts';

/** What was told of refunds of a payment. */
export interface ToldRefund {
  /** Of the refund; of the charge, where all of its refunds are told together. */
  readonly id: string;
  readonly paymentIntent: string;
  readonly state: 'total' | 'made' | 'failed';
  readonly amount: number;
}

/**
 * Keeps what was told, whether or not its payment is known yet: whatever comes when, the rows end up the same. A sum of
 * refunds only grows, and what has failed stays so.
 */
export async function noteRefund(trx: Knex, { amount, id, paymentIntent, state }: ToldRefund): Promise<void> {
  await trx.raw(
    `insert into card_refunds as known (id, payment_intent, state, amount) values (?, ?, ?, ?)
     on conflict (id) do update set amount = greatest(known.amount, excluded.amount),
       state = case when known.state = 'failed' then known.state else excluded.state end`,
    [id, paymentIntent, state, amount],
  );
}

/** How much of a payment has gone back to its payer, by all that was told. */
export async function readRefunded(trx: Knex, paymentIntent: string): Promise<bigint> {
  const { rows } = await trx.raw<{ rows: [Record<keyof ToldRefunds, string>] }>(
    `select
       coalesce(sum(amount) filter (where state = 'total'), 0)::text as total,
       coalesce(sum(amount) filter (where state = 'made'), 0)::text as made,
       coalesce(sum(amount) filter (where state = 'failed'), 0)::text as failed
     from card_refunds where payment_intent = ?`,
    [paymentIntent],
  );
  const [{ failed, made, total }] = rows;
  return refundedOf({ total: BigInt(total), made: BigInt(made), failed: BigInt(failed) });
}
