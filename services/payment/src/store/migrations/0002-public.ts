import type { Knex } from '@bundler/adapters';

/**
 * What the public side needs: transactions that bring credits, fees and adjustments as data, and the nonces of signed
 * requests. A pending top-up is work to be done: whoever looks at it next asks its chain.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table top_ups (
      token text not null,
      transaction_id text not null,
      state text not null check (state in ('pending', 'credited', 'failed')),
      quantity numeric(80, 0),
      winc numeric(40, 0),
      sender text,
      destination text,
      block_height bigint,
      failed_reason text,
      created_at timestamptz not null default now(),
      checked_at timestamptz not null default now(),
      settled_at timestamptz,
      primary key (token, transaction_id)
    );
    create index top_ups_pending on top_ups (checked_at) where state = 'pending';
    create index top_ups_history on top_ups (destination, settled_at desc) where state = 'credited';

    create table adjustments (
      id bigint generated always as identity primary key,
      applies_to text not null check (applies_to in ('upload', 'top-up')),
      token text,
      name text not null,
      description text not null default '',
      operator text not null check (operator in ('multiply', 'add')),
      magnitude numeric(40, 9) not null,
      starts_at timestamptz not null default now(),
      ends_at timestamptz,
      check (operator <> 'multiply' or magnitude >= 0)
    );

    create table nonces (
      digest bytea primary key,
      seen_at timestamptz not null default now()
    );
    create index nonces_seen on nonces (seen_at);
  `);
}
