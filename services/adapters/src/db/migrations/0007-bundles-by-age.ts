import type { Knex } from 'knex';

/** The newest bundles are asked for by the status page and by whoever looks after the platform. */
export async function up(db: Knex): Promise<void> {
  await db.raw('create index if not exists bundles_created on bundles (created_at, id)');
}
