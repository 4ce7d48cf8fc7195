import type { Knex } from 'knex';

/**
 * What figures of the pipeline are read from once a minute.
 *
 * `moved_at` also moves with every step within a state; since when a bundle is in its state is told by `entered_at`. Code that does
 * not know the column leaves it as it was: after a rollback the ages are too long, and nothing else. What has failed is rare, so that
 * its indexes stay small.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table bundles add column if not exists entered_at timestamptz not null default now();
    create index if not exists bundles_failed on bundles (id) where state = 'failed';
    create index if not exists data_items_failed on data_items (failed_at) where failed_at is not null;
  `);
}
