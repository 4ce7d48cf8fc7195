import type { Knex } from '@bundler/adapters';

/**
 * Payments by x402. Network, payer and nonce name one: its asset lets the nonce be used once. A row is there before the
 * payment is carried out; while it is `settling` that may have happened, and whoever holds it is asking.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table x402_payments (
      id bigint generated always as identity primary key,
      network text not null,
      payer text not null,
      nonce text not null,
      data_item_id text,
      beneficiary text not null,
      worth numeric(40, 0) not null check (worth >= 0),
      payment jsonb not null,
      requirements jsonb not null,
      state text not null default 'settling' check (state in ('settling', 'credited', 'refused', 'unclear')),
      transaction_id text,
      reason text,
      tries integer not null default 0,
      created_at timestamptz not null default now(),
      held_until timestamptz not null,
      settled_at timestamptz,
      unique (network, payer, nonce)
    );
    create index x402_payments_settling on x402_payments (held_until) where state = 'settling';
    create index x402_payments_items on x402_payments (data_item_id, payer) where data_item_id is not null;
  `);
}
