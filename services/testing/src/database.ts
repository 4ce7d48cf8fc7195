import { randomBytes } from 'node:crypto';
import { type Database, type Migrations, migrate, openDatabase } from '@bundler/adapters';
import { createLogger, createMetrics } from '@bundler/runtime';
import pg from 'pg';
import { POSTGRES_URL } from './global-setup.ts';

/** A database of a test's own on the run's server. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

async function onServer(sql: string, url = process.env[POSTGRES_URL]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Makes an empty database. @param server URL of any database of the server; the run's own, if nothing is said */
export async function createDatabase(server = process.env[POSTGRES_URL]!): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name}`, server);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(`drop database ${name} with (force)`, server) };
}

/** Opens a database as the platform's processes do. */
export function connectTestDatabase(url: string, max: number): Database {
  const config = {
    databaseWriterUrl: url,
    databaseReaderUrl: '',
    databaseAcquireTimeout: 10_000,
    databaseIdleTimeout: 30_000,
    databaseReapInterval: 1000,
  };
  return openDatabase(
    config,
    { name: 'bundler-test', queryTimeoutMs: 60_000, min: 0, max },
    createLogger('test', 'error'),
    createMetrics(),
  );
}

/** The same, brought up to date. */
export async function openTestDatabase(url: string, max = 5, migrations?: Migrations): Promise<Database> {
  const database = connectTestDatabase(url, max);
  await migrate(database.writer, migrations);
  return database;
}
