import type { Knex } from 'knex';

/**
 * What is to be posted to optical bridges.
 *
 * A row is the items of one segment (or multipart upload), or those inside of one item, for one bridge; `position` is
 * the place in their bytes up to which they have been posted. A row goes when everything is, so the table holds what a
 * bridge is behind and no more, and writing it costs an upload one row a commit group and bridge.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table if not exists optical_deliveries (
      id bigint generated always as identity primary key,
      bridge text not null,
      segment_id uuid,
      root_item_id bytea,
      position bigint not null default -1,
      created_at timestamptz not null default now(),
      check (num_nonnulls(segment_id, root_item_id) = 1),
      unique (bridge, segment_id),
      unique (bridge, root_item_id)
    );
    create index if not exists optical_deliveries_next on optical_deliveries (bridge, id);
    create index if not exists optical_deliveries_created on optical_deliveries (created_at);
  `);
}
