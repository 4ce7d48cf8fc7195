import { randomBytes } from 'node:crypto';
import { type Database, migrate, openDatabase } from '@bundler/adapters';
import { createLogger, createMetrics } from '@bundler/runtime';
import pg from 'pg';
import { POSTGRES_URL } from './global-setup.ts';

/** A database of a test's own on the run's server. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env[POSTGRES_URL] });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Makes an empty database. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name}`);
  const url = new URL(process.env[POSTGRES_URL]!);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(`drop database ${name} with (force)`) };
}

/** Opens a database as the platform's processes do, brought up to date. */
export async function openTestDatabase(url: string, max = 5): Promise<Database> {
  const config = {
    databaseWriterUrl: url,
    databaseReaderUrl: '',
    databaseAcquireTimeout: 10_000,
    databaseIdleTimeout: 30_000,
    databaseReapInterval: 1000,
  };
  const database = openDatabase(
    config,
    { name: 'bundler-test', queryTimeoutMs: 60_000, min: 0, max },
    createLogger('test', 'error'),
    createMetrics(),
  );
  await migrate(database.writer);
  return database;
}
