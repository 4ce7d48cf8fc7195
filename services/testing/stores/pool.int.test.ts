import { type Database, openDatabase } from '@bundler/adapters';
import { createLogger, createMetrics, type Metrics } from '@bundler/runtime';
import { createDatabase, type TestDatabase, until } from '../src/index.ts';

const ACQUIRE_MS = 1000;

describe('database pools', () => {
  let server: TestDatabase;
  let database: Database;
  let metrics: Metrics;

  beforeAll(async () => {
    server = await createDatabase();
  });
  afterAll(() => server?.drop());
  beforeEach(() => {
    metrics = createMetrics();
    const config = {
      databaseWriterUrl: server.url,
      // The same server plays the replica.
      databaseReaderUrl: server.url,
      databaseAcquireTimeout: ACQUIRE_MS,
      databaseIdleTimeout: 30_000,
      databaseReapInterval: 1000,
    };
    const use = { name: 'test-pools', min: 0, max: 2, queryTimeoutMs: 10_000 };
    database = openDatabase(config, use, createLogger('test', 'silent'), metrics);
  });
  afterEach(() => database.close());

  const shown = async (name: string, pool: string): Promise<number> => {
    const text = await metrics.registry.metrics();
    const line = text.split('\n').find((one) => one.startsWith(`${name}{pool="${pool}"}`));
    return line ? Number(line.split(' ').at(-1)) : 0;
  };

  it('end statements and transactions that nobody works in any more, on the server too', async () => {
    for (const pool of [database.writer, database.reader]) {
      for (const limit of ['statement_timeout', 'idle_in_transaction_session_timeout']) {
        expect((await pool.raw(`show ${limit}`)).rows).toEqual([{ [limit]: '1min' }]);
      }
    }
  });

  it('show what they hold and have free, each by its own name, and how long a connection was waited for', async () => {
    const held = await database.writer.transaction();
    await database.reader.raw('select 1');
    await until(async () => (await shown('db_pool_free', 'reader')) === 1);
    expect(await shown('db_pool_size', 'writer')).toBe(1);
    expect(await shown('db_pool_free', 'writer')).toBe(0);
    expect(await shown('db_pool_size', 'reader')).toBe(0);
    expect(await shown('db_pool_max', 'writer')).toBe(2);
    await held.rollback();
    await until(async () => (await shown('db_pool_free', 'writer')) === 1);
    // What is open is not what is in use.
    expect(await shown('db_pool_size', 'writer')).toBe(0);
    expect(await shown('db_pool_acquire_duration_seconds_count', 'writer')).toBe(1);
  });

  it('fail a request that waited for the acquire timeout, count it, and measure how long it waited', async () => {
    const held = [await database.writer.transaction(), await database.writer.transaction()];
    await expect(database.writer.raw('select 1')).rejects.toThrow(/acquir/i);
    expect(await shown('db_pool_acquire_timeouts_total', 'writer')).toBe(1);
    expect(await shown('db_pool_acquire_duration_seconds_count', 'writer')).toBe(3);
    expect(await shown('db_pool_acquire_duration_seconds_sum', 'writer')).toBeGreaterThan((ACQUIRE_MS / 1000) * 0.9);
    for (const transaction of held) await transaction.rollback();
    await database.writer.raw('select 1');
    // The other pool never noticed.
    expect(await shown('db_pool_acquire_timeouts_total', 'reader')).toBe(0);
  });
});
