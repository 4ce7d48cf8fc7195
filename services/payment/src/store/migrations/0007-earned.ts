import type { Knex } from '@bundler/adapters';

/** What uploads have cost comes together in one account. It is there from the beginning, so that no capture has to look. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`insert into accounts (kind, owner) values ('earned', 'uploads') on conflict do nothing`);
}
