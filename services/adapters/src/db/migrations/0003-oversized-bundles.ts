import type { Knex } from 'knex';

/**
 * Bundles of one item that is too large to share one.
 *
 * What a bundle was planned as is kept with it: the limit may be changed while it is on its way, and it must not change lanes
 * then. Code that does not know the column moves such a bundle through the ordinary queues, which is slower for the others
 * and as right.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw('alter table bundles add column if not exists oversized boolean not null default false');
}
