import type { Knex } from 'knex';

/** Since when the payment service is still to be told: `checked_at` is when somebody last tried. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table payment_captures add column if not exists noted_at timestamptz not null default now();
    alter table payment_refunds add column if not exists noted_at timestamptz not null default now();
  `);
}
