import type { Knex } from 'knex';

/**
 * The spans of the uploads that are traced: a small share of all, and none where tracing is off. The index holds those alone, so
 * that a bundle of many thousand items finds its few at once, and a platform that traces nothing pays for an empty one.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table data_items add column if not exists traceparent text;
    create index if not exists data_items_traced on data_items (bundle_id) where traceparent is not null;
  `);
}
