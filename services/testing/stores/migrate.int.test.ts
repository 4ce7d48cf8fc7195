import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { migrate } from '@bundler/adapters';
import pg from 'pg';
import { createDatabase, openTestDatabase, type TestDatabase, until } from '../src/index.ts';

const entryPoint = fileURLToPath(new URL('../../workers/src/migrate.ts', import.meta.url));
const TABLES = [
  'bundles',
  'chain_tip',
  'data_items',
  'multipart_parts',
  'multipart_uploads',
  'nested_items',
  'offset_batches',
  'optical_deliveries',
  'payment_captures',
  'payment_refunds',
  'schedules',
  'segments',
  'unbundlings',
];

describe('migrations', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeEach(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  function startMigration(): ChildProcess {
    const env = { PATH: process.env.PATH, DB_WRITER_URL: database.url };
    return spawn(process.execPath, [entryPoint], { env, stdio: 'ignore' });
  }

  const exitCode = async (child: ChildProcess): Promise<number | null> =>
    child.exitCode ?? ((await once(child, 'exit'))[0] as number | null);

  async function tables(): Promise<string[]> {
    const result = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables
       where table_schema = 'public' and table_name not like 'knex%' order by 1`,
    );
    return result.rows.map(({ name }) => name);
  }

  it('run once, however often they are asked for', async () => {
    const opened = await openTestDatabase(database.url);
    try {
      expect(await tables()).toEqual(TABLES);
      expect(await migrate(opened.writer)).toEqual([]);
    } finally {
      await opened.close();
    }
  });

  it('run once when several processes start at once', async () => {
    const codes = await Promise.all([1, 2, 3].map(() => exitCode(startMigration())));
    expect(codes).toEqual([0, 0, 0]);
    expect(await tables()).toEqual(TABLES);
    const ran = await client.query('select name, count(*)::int as times from knex_migrations group by name');
    expect(ran.rows).toEqual(ran.rows.map(({ name }) => ({ name, times: 1 })));
    expect(ran.rows.length).toBeGreaterThan(0);
  }, 30_000);

  it('run to their end after one was killed half way', async () => {
    // Holds the migration up at its last table: the name is taken by a transaction that has not ended.
    await client.query('begin');
    await client.query('create table schedules (name text)');
    const killed = startMigration();
    const watcher = new pg.Client({ connectionString: database.url });
    await watcher.connect();
    try {
      await until(async () => {
        const waiting = await watcher.query(`select from pg_stat_activity where datname = current_database()
          and wait_event_type = 'Lock' and query like '%create table%'`);
        return waiting.rowCount === 1;
      });
      killed.kill('SIGKILL');
      await exitCode(killed);
      await client.query('rollback');
      expect(await tables()).toEqual([]);
      // What a killed migration leaves when it could not run in one transaction.
      await client.query('update knex_migrations_lock set is_locked = 1');
      expect(await exitCode(startMigration())).toBe(0);
      expect(await tables()).toEqual(TABLES);
    } finally {
      await watcher.end();
    }
  }, 30_000);
});
