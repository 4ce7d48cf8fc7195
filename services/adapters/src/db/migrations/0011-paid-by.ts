import type { Knex } from 'knex';

/** Who pays for a multipart upload, as the request to finalize it said, and what its item has shared of its signer's credits. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table multipart_uploads add column if not exists paid_by text[] not null default '{}';
    alter table multipart_uploads add column if not exists shared jsonb;
  `);
}
