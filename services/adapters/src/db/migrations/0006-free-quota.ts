import type { Knex } from 'knex';

/** Whether the sender of a multipart upload had used up what is free: only the API that was asked to finalize it knows. */
export async function up(db: Knex): Promise<void> {
  await db.raw('alter table multipart_uploads add column if not exists over_free_quota boolean not null default false');
}
