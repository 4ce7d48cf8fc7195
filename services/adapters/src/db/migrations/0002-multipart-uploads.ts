import type { Knex } from 'knex';

/**
 * Uploads that come in parts.
 *
 * A part is an object of its own and stays one: an accepted item's `segment_id` is then its upload's id, and its bytes
 * are the upload's parts in their order. Such a segment has no row in `segments`, so that code which knows nothing of
 * parts leaves its items alone instead of reading one part and taking the rest for lost.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table if not exists multipart_uploads (
      id uuid primary key,
      state text not null default 'assembling'
        check (state in ('assembling', 'validating', 'finalizing', 'finalized', 'failed', 'expired')),
      chunk_size bigint not null check (chunk_size > 0),
      token text,
      item_id bytea check (length(item_id) = 32),
      failed_reason text,
      created_at timestamptz not null default now(),
      moved_at timestamptz not null default now(),
      checked_at timestamptz not null default now(),
      expires_at timestamptz not null,
      freed_at timestamptz
    );
    create index if not exists multipart_uploads_live on multipart_uploads (state, expires_at) where freed_at is null;
    create index if not exists multipart_uploads_freed on multipart_uploads (expires_at) where freed_at is not null;

    create table if not exists multipart_parts (
      id uuid primary key,
      upload_id uuid not null,
      part_offset bigint not null check (part_offset >= 0),
      byte_count bigint not null check (byte_count > 0),
      object_key text not null,
      unique (upload_id, part_offset)
    );
  `);
}
