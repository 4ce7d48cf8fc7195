import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArweaveJwk } from '@bundler/ans104';
import {
  defaultCacheDir,
  type EmbeddedPostgres,
  type EmbeddedRedis,
  freePort,
  startPostgres,
  startRedis,
} from '@bundler/standalone/embedded';
import { openTestDatabase } from '../../src/database.ts';
import { type Service, startService } from './service.ts';

/** Everything the platform's processes stand on, each server a process of its own. */
export interface Backends {
  readonly postgres: EmbeddedPostgres;
  readonly redis: readonly EmbeddedRedis[];
  readonly gateway: Service;
  readonly databaseUrl: string;
  /** An empty database for a payment service. */
  readonly paymentDatabaseUrl: string;
  readonly storeDirectory: string;
  /** What the development gateway was given. */
  readonly chunksDirectory: string;
  /** What the platform's processes are told about all this. */
  readonly env: Readonly<Record<string, string>>;
}

const gatewayDirectory = (directory: string): string => join(directory, 'gateway');

/** Takes what is to be called at the end, in reverse order. */
export type OnStop = (close: () => Promise<void>) => void;

const DATABASE = 'bundler';
const PAYMENT_DATABASE = 'payment';
/** More winston than a bench can spend. */
const FUNDS = 10n ** 18n;

export async function startBackends(directory: string, jwk: ArweaveJwk, onStop: OnStop): Promise<Backends> {
  const redis = async (role: 'queue' | 'cache'): Promise<EmbeddedRedis> => {
    const port = await freePort();
    const cacheDir = defaultCacheDir(process.env);
    const server = await startRedis({ dataDir: join(directory, `redis-${role}`), port, role, cacheDir });
    onStop(() => server.stop());
    return server;
  };
  // One after another: ports that are free are found, not reserved.
  const queue = await redis('queue');
  const cache = await redis('cache');
  const gateway = await startGateway(directory, jwk);
  onStop(() => gateway.stop());
  const postgres = await startPostgres({
    dataDir: join(directory, 'postgres'),
    port: await freePort(),
    databases: [DATABASE, PAYMENT_DATABASE],
  });
  onStop(() => postgres.stop());
  const databaseUrl = postgres.url(DATABASE);
  await (await openTestDatabase(databaseUrl)).close();
  const walletFile = join(directory, 'wallet.json');
  await writeFile(walletFile, JSON.stringify(jwk), { mode: 0o600 });
  const storeDirectory = join(directory, 'objects');
  return {
    postgres,
    redis: [queue, cache],
    gateway,
    databaseUrl,
    paymentDatabaseUrl: postgres.url(PAYMENT_DATABASE),
    storeDirectory,
    chunksDirectory: join(gatewayDirectory(directory), 'chunks'),
    env: {
      BIND_ADDRESS: '127.0.0.1',
      DB_WRITER_URL: databaseUrl,
      REDIS_QUEUE_URL: queue.url,
      REDIS_CACHE_URL: cache.url,
      OBJECT_STORE: 'fs',
      OBJECT_STORE_DIR: storeDirectory,
      ARWEAVE_GATEWAY: gateway.url,
      ARWEAVE_WALLET_FILE: walletFile,
      UV_THREADPOOL_SIZE: '8',
    },
  };
}

async function startGateway(directory: string, jwk: ArweaveJwk): Promise<Service> {
  const port = await freePort();
  return startService({
    name: 'gateway',
    command: ['services/gateway/src/main.ts'],
    env: {
      GATEWAY_PORT: String(port),
      GATEWAY_DATA_DIR: gatewayDirectory(directory),
      GATEWAY_BLOCK_INTERVAL_MS: '1000',
      GATEWAY_MINT: `${addressOfKey(jwk)}:${FUNDS}`,
    },
    port,
    adminPort: port,
    readyPath: '/info',
    logFile: join(directory, 'log'),
  });
}

/** The Arweave address of a wallet. */
export function addressOfKey(jwk: ArweaveJwk): string {
  return createHash('sha256').update(jwk.n, 'base64url').digest('base64url');
}
