import type { Knex } from '@bundler/adapters';

/** Those that somebody has to look up are counted once a minute, and are hardly ever any. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`create index if not exists x402_payments_unclear on x402_payments (id) where state = 'unclear'`);
}
