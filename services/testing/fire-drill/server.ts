import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startPostgres } from '@bundler/standalone/embedded';
import { POSTGRES_URL } from '../src/global-setup.ts';

/** Starts the PostgreSQL that the platforms have databases on, as test runs have one. @returns what ends it */
export async function startServer(): Promise<() => Promise<void>> {
  const root = await mkdtemp(join(tmpdir(), 'bundler-drill-'));
  const postgres = await startPostgres({
    dataDir: join(root, 'postgres'),
    port: await freePort(),
    databases: ['drill'],
    settings: { max_connections: '500' },
  });
  process.env[POSTGRES_URL] = postgres.url('drill');
  return async () => {
    await postgres.stop();
    await rm(root, { recursive: true, force: true });
  };
}
