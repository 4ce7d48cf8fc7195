import pg from 'pg';
import { SUPERUSER } from './arguments.ts';

export type Server = { readonly port: number; readonly password: string };

const CONNECT_TIMEOUT_MS = 2_000;
/** Not listening yet, or listening and still recovering (SQLSTATE 57P03, cannot_connect_now). */
const NOT_YET = new Set(['ECONNREFUSED', 'ECONNRESET', '57P03']);

/** Whether the server answers a query; throws for what waiting cannot mend, such as a wrong password. */
export async function answers(server: Server): Promise<boolean> {
  try {
    await withSession(server, (client) => client.query('select 1'));
    return true;
  } catch (error) {
    if (NOT_YET.has((error as { code?: string }).code ?? '')) return false;
    throw new Error(`PostgreSQL on port ${server.port} refuses its superuser: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Creates the databases that are not there yet. */
export async function createDatabases(server: Server, databases: readonly string[]): Promise<void> {
  await withSession(server, async (client) => {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const existing = new Set(rows.map((row) => row.datname));
    for (const name of databases) {
      if (!existing.has(name)) await client.query(`create database ${pg.escapeIdentifier(name)}`);
    }
  });
}

async function withSession<T>({ port, password }: Server, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    password,
    user: SUPERUSER,
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A server that goes away between two queries reports it here; the query that follows fails with the reason.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end();
  }
}
