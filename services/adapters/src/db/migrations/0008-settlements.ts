import type { Knex } from 'knex';

/**
 * What the payment service is still to be told: segments and multipart uploads with items that were paid for, and items
 * that were paid for and ended as failed. A row goes when the service has answered. `sending` means that the service may
 * know of a refund already: the payment of such an item is none for another life of it.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table if not exists payment_captures (
      segment_id uuid primary key,
      checked_at timestamptz not null default now()
    );
    create index if not exists payment_captures_checked on payment_captures (checked_at);
    create table if not exists payment_refunds (
      item_id bytea primary key,
      state text not null default 'waiting' check (state in ('waiting', 'sending')),
      checked_at timestamptz not null default now()
    );
    create index if not exists payment_refunds_checked on payment_refunds (checked_at);
  `);
}
