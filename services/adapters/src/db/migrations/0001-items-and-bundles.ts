import type { Knex } from 'knex';

/**
 * The upload side's tables.
 *
 * An item has one row for its whole life. `bundle_id` alone says where it is: null means waiting, else it shares the
 * state of its bundle. So planning costs one update an item and every later step one update a bundle; moving rows
 * between a table for each state was measured at four writes an item.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table segments (
      id uuid primary key,
      object_key text not null,
      byte_count bigint not null check (byte_count >= 0),
      created_at timestamptz not null default now()
    );

    create table bundles (
      id uuid primary key,
      state text not null check (state in ('planned', 'prepared', 'posted', 'seeded', 'permanent', 'failed')),
      feature_type text not null,
      item_count integer not null,
      byte_count bigint not null,
      tx_id bytea unique check (length(tx_id) = 32),
      tx jsonb,
      signed_height integer,
      chunk_hashes bytea,
      seeded_chunks integer not null default 0,
      block_height integer,
      failed_reason text,
      created_at timestamptz not null default now(),
      moved_at timestamptz not null default now(),
      checked_at timestamptz not null default now()
    );
    create index bundles_open on bundles (state, moved_at) where state not in ('permanent', 'failed');

    create table data_items (
      id bytea primary key check (length(id) = 32),
      segment_id uuid not null,
      segment_offset bigint not null,
      byte_count bigint not null,
      payload_start integer not null,
      content_type text,
      signature_type smallint not null,
      owner_address text not null,
      feature_type text not null,
      received_at timestamptz not null,
      deadline_height integer not null,
      winc numeric(40, 0) not null,
      receipt_key text not null,
      bundle_id uuid,
      bundle_offset bigint,
      failed_bundles smallint not null default 0,
      failed_at timestamptz,
      failed_reason text
    );
    create index data_items_waiting on data_items (feature_type, received_at)
      where bundle_id is null and failed_at is null;
    create index data_items_bundle on data_items (bundle_id, bundle_offset) where bundle_id is not null;
    create index data_items_segment on data_items (segment_id);

    create table chain_tip (
      singleton boolean primary key default true check (singleton),
      height integer not null,
      observed_at timestamptz not null
    );

    create table schedules (
      name text primary key,
      last_run timestamptz not null
    );
  `);
}
