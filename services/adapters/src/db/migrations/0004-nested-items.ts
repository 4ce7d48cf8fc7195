import type { Knex } from 'knex';

/**
 * Items inside of items.
 *
 * An accepted item whose payload is a bundle has a row in `unbundlings`: what is to be done about it, and what came of
 * it. What is found comes in batches and from there into `nested_items`, one row for each place. A place is where it is
 * in the accepted item, the root: the root's bytes are signed, so reading them again finds the same rows, and where they
 * are in the Arweave transaction follows from the root's own row.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table if not exists unbundlings (
      item_id bytea primary key check (length(item_id) = 32),
      state text not null default 'waiting' check (state in ('waiting', 'parsed', 'done', 'failed')),
      items integer,
      problems jsonb,
      failed_reason text,
      moved_at timestamptz not null default now(),
      checked_at timestamptz not null default now()
    );
    create index if not exists unbundlings_waiting on unbundlings (checked_at) where state = 'waiting';
    create index if not exists unbundlings_ended on unbundlings (moved_at) where state in ('done', 'failed');

    create table if not exists offset_batches (
      root_item_id bytea not null,
      batch integer not null,
      offsets jsonb not null,
      checked_at timestamptz not null default now(),
      primary key (root_item_id, batch)
    );

    create table if not exists nested_items (
      root_item_id bytea not null,
      start_in_root bigint not null,
      id bytea not null check (length(id) = 32),
      parent_id bytea not null,
      start_in_parent_payload bigint not null,
      byte_count bigint not null,
      payload_start integer not null,
      content_type text,
      recorded_at timestamptz not null default now(),
      primary key (root_item_id, start_in_root)
    );
    create index if not exists nested_items_id on nested_items (id, recorded_at);
    create index if not exists nested_items_recorded on nested_items (recorded_at);
  `);
}
