import { type Database, Schedules } from '@bundler/adapters';
import { createDatabase, openTestDatabase, type TestDatabase } from '../src/index.ts';
import { age } from './fixtures/rows.ts';

const INTERVAL_MS = 60_000;

describe('schedules in PostgreSQL', () => {
  let database: TestDatabase;
  let opened: Database;
  let schedules: Schedules;

  beforeAll(async () => {
    database = await createDatabase();
    opened = await openTestDatabase(database.url, 20);
    schedules = new Schedules(opened.writer);
  });
  afterAll(async () => {
    await opened?.close();
    await database?.drop();
  });

  const claims = async (name: string, count: number): Promise<number> => {
    const won = await Promise.all(Array.from({ length: count }, () => schedules.claim(name, INTERVAL_MS)));
    return won.filter(Boolean).length;
  };

  it('give a tick to one of many who ask at once, the first time and after each interval', async () => {
    expect(await claims('many', 20)).toBe(1);
    expect(await claims('many', 20)).toBe(0);
    await age(opened.writer, 'schedules', 'last_run', INTERVAL_MS);
    expect(await claims('many', 20)).toBe(1);
    expect(await claims('many', 20)).toBe(0);
  });

  it('have nothing to do with each other', async () => {
    expect(await schedules.claim('one', INTERVAL_MS)).toBe(true);
    expect(await schedules.claim('other', INTERVAL_MS)).toBe(true);
    expect(await schedules.claim('one', INTERVAL_MS)).toBe(false);
  });
});
