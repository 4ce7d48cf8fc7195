import pg from 'pg';
import { until } from '../../src/until.ts';
import type { Stage } from '../stage.ts';
import { killUntilUndone } from './acts.ts';
import type { Fault, Undo } from './fault.ts';

/** Beyond the goal of a small upload. */
const LATE_MS = 1200;
/** A bundle waits for more items before it is planned. */
const BUNDLED_MS = 120_000;

export const databaseFaults: readonly Fault[] = [
  {
    name: 'table-locked',
    what: 'somebody locks the table of items in PostgreSQL, until all connections of the API wait',
    platform: { env: { DB_POOL_MAX: '10' } },
    traffic: { uploadEveryMs: 5000, readEveryMs: 400 },
    cause: lockItems,
    alerts: ['BundlerDbPoolNearExhaustion', 'BundlerDbAcquireTimeouts', 'BundlerDbPoolWaiting'],
    // Uploads that waited for the lock fail, or come through late.
    companions: ['BundlerUploadErrorBudgetBurn', 'BundlerUploadLatencyBudgetBurn'],
    minutes: 9,
  },
  {
    name: 'postgres-killed',
    what: 'PostgreSQL is killed (SIGKILL) and does not come back',
    platform: { ownPostgres: true },
    traffic: { uploadEveryMs: 5000, readEveryMs: 2000 },
    cause: ({ platform }) => killUntilUndone(platform.servers.postgres!),
    alerts: ['BundlerPostgresDown'],
    // Requests wait in vain before it is clear that they all do.
    companions: ['BundlerDbAcquireTimeouts', 'BundlerUploadErrorBudgetBurn'],
    minutes: 5,
  },
  {
    name: 'postgres-slow',
    what: `every insert of items takes PostgreSQL ${LATE_MS} ms longer (a trigger that sleeps)`,
    traffic: { uploadEveryMs: 2500 },
    cause: slowInserts,
    alerts: ['BundlerUploadLatencyBudgetBurn', 'BundlerUploadP99High'],
    minutes: 18,
    recoveryMinutes: 16,
  },
  {
    name: 'row-lost',
    what: 'the row of an item is deleted in PostgreSQL while its bundle waits to be mined',
    // Bundles stay on their way, because nothing is mined.
    platform: { blockIntervalMs: 0 },
    cause: loseRow,
    alerts: ['BundlerItemsUnaccounted'],
    minutes: 20,
  },
];

async function lockItems({ platform }: Stage): Promise<Undo> {
  const client = await connected(platform.database.url);
  await client.query('begin');
  await client.query('lock table data_items in access exclusive mode');
  return () => client.end();
}

/** A trigger that sleeps does what a slow disk does: the insert comes back, late. */
async function slowInserts({ platform }: Stage): Promise<Undo> {
  const client = await connected(platform.database.url);
  await client.query(`create function slow() returns trigger language plpgsql as
    $$ begin perform pg_sleep(${LATE_MS / 1000}); return null; end $$`);
  await client.query('create trigger slow before insert on data_items for each statement execute function slow()');
  return async () => {
    await client.query('drop trigger slow on data_items');
    await client.end();
  };
}

async function loseRow(stage: Stage): Promise<Undo> {
  await stage.upload();
  const client = await connected(stage.platform.database.url);
  const seeded = `select i.id from data_items i join bundles b on b.id = i.bundle_id where b.state = 'seeded'`;
  await until(async () => (await client.query(seeded)).rowCount === 1, BUNDLED_MS);
  await client.query(`create table lost as select * from data_items where id in (${seeded})`);
  await client.query('delete from data_items where id in (select id from lost)');
  return async () => {
    await client.query('insert into data_items select * from lost');
    await client.end();
  };
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}
