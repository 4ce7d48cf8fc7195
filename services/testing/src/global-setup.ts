import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheDir, freePort, startPostgres, startRedis } from '@bundler/standalone/embedded';
import { offerControlPlane } from '../kube/shared.ts';
import { LEFT_OUT_FILE, readLeftOut } from './left-out.ts';

/** Environment variables by which tests find the servers of this run. */
export const POSTGRES_URL = 'TEST_POSTGRES_URL';
export const REDIS_URL = 'TEST_REDIS_URL';

/**
 * Starts the servers that all integration tests of one run share, a real PostgreSQL and a real Redis, and offers a real
 * Kubernetes API server, which is started when a test asks for it.
 */
export default async function globalSetup(): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'bundler-test-'));
  const [postgresPort, redisPort] = [await freePort(), await freePort()];
  const [postgres, redis] = await Promise.all([
    startPostgres({
      dataDir: join(root, 'postgres'),
      port: postgresPort,
      databases: ['tests'],
      settings: { max_connections: '300' },
    }),
    startRedis({
      dataDir: join(root, 'redis'),
      port: redisPort,
      role: 'queue',
      cacheDir: defaultCacheDir(process.env),
    }),
  ]);
  process.env[POSTGRES_URL] = postgres.url('tests');
  process.env[REDIS_URL] = redis.url;
  const withdrawControlPlane = await offerControlPlane(process.env);
  const leftOut = join(root, 'left-out');
  process.env[LEFT_OUT_FILE] = leftOut;
  globalThis.stopTestServers = async () => {
    for (const line of readLeftOut(leftOut)) console.error(`Left out: ${line}`);
    await Promise.all([postgres.stop(), redis.stop(), withdrawControlPlane()]);
    await rm(root, { recursive: true, force: true });
  };
}

declare global {
  var stopTestServers: (() => Promise<void>) | undefined;
}
