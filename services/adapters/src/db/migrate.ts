import type { Knex } from 'knex';
import * as itemsAndBundles from './migrations/0001-items-and-bundles.ts';
import * as multipartUploads from './migrations/0002-multipart-uploads.ts';
import * as oversizedBundles from './migrations/0003-oversized-bundles.ts';
import * as nestedItems from './migrations/0004-nested-items.ts';
import * as opticalDeliveries from './migrations/0005-optical-deliveries.ts';
import * as freeQuota from './migrations/0006-free-quota.ts';
import * as bundlesByAge from './migrations/0007-bundles-by-age.ts';
import * as settlements from './migrations/0008-settlements.ts';
import * as figures from './migrations/0009-figures.ts';
import * as tracedItems from './migrations/0010-traced-items.ts';
import * as paidBy from './migrations/0011-paid-by.ts';
import * as notedSettlements from './migrations/0012-noted-settlements.ts';

/** Every migration of a database by its name, oldest first. They only ever go forward: old code must run on the new schema. */
export type Migrations = Readonly<Record<string, { readonly up: (db: Knex) => Promise<void> }>>;

/** Those of the upload side's database. */
const platformMigrations: Migrations = {
  '0001-items-and-bundles': itemsAndBundles,
  '0002-multipart-uploads': multipartUploads,
  '0003-oversized-bundles': oversizedBundles,
  '0004-nested-items': nestedItems,
  '0005-optical-deliveries': opticalDeliveries,
  '0006-free-quota': freeQuota,
  '0007-bundles-by-age': bundlesByAge,
  '0008-settlements': settlements,
  '0009-figures': figures,
  '0010-traced-items': tracedItems,
  '0011-paid-by': paidBy,
  '0012-noted-settlements': notedSettlements,
};

const sourceOf = (migrations: Migrations): Knex.MigrationSource<string> => ({
  getMigrations: async () => Object.keys(migrations),
  getMigrationName: (name) => name,
  getMigration: async (name) => ({
    up: migrations[name]!.up,
    down: () => {
      throw new Error(`migration ${name} cannot be undone: migrations only go forward`);
    },
  }),
});

/** Any number that nothing else in this database uses for an advisory lock. */
const MIGRATION_LOCK = 7_301_001;

/**
 * Brings the schema up to date. Safe to run twice, and by several processes at once: they take turns.
 *
 * knex's own lock is a row: should one ever stay behind, it stops every later migration. Ours is a session's advisory
 * lock, which PostgreSQL releases by itself, and under it knex's row can be freed.
 *
 * @param migrations those of the upload side, unless it is another database
 * @returns the names of the migrations that ran
 */
export async function migrate(db: Knex, migrations = platformMigrations): Promise<string[]> {
  const connection = await db.client.acquireConnection();
  const session = (sql: string) => db.raw(sql, [MIGRATION_LOCK]).connection(connection);
  try {
    await session('select pg_advisory_lock(?)');
    const config = { migrationSource: sourceOf(migrations) };
    await db.migrate.forceFreeMigrationsLock(config);
    const [, ran] = (await db.migrate.latest(config)) as [number, string[]];
    await session('select pg_advisory_unlock(?)');
    return ran;
  } finally {
    await db.client.releaseConnection(connection);
  }
}
