import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  defaultCacheDir,
  type EmbeddedPostgres,
  type EmbeddedRedis,
  freePort,
  startPostgres,
  startRedis,
} from '@bundler/standalone/embedded';
import { createDatabase, type TestDatabase } from './database.ts';
import { Restartable } from './restartable.ts';
import { until } from './until.ts';

const DATABASE = 'bundler';
/** A server that was killed is back by then, milliseconds. */
const BACK_MS = 30_000;

/** The servers of one platform, each of which can be killed and comes back with its data at the same port. */
export interface OwnServers {
  readonly queue: Restartable<EmbeddedRedis>;
  readonly cache: Restartable<EmbeddedRedis>;
  /** Undefined when the platform has a database on the server that all tests share. */
  readonly postgres: Restartable<EmbeddedPostgres> | undefined;
  readonly database: TestDatabase;
  /** FLUSHALL on both Redis servers, on one that is being killed as soon as it is back. */
  flushRedis(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOwnServers(directory: string, ownPostgres: boolean): Promise<OwnServers> {
  // One after another: ports that are free are found, not reserved.
  const queue = await startOwnRedis(directory, 'queue');
  const cache = await startOwnRedis(directory, 'cache');
  const postgres = ownPostgres ? await startOwnPostgres(directory) : undefined;
  const database = postgres
    ? { url: postgres.running.url(DATABASE), drop: async () => undefined }
    : await createDatabase();
  return {
    queue,
    cache,
    postgres,
    database,
    flushRedis: async () => {
      await Promise.all([flush(queue), flush(cache)]);
    },
    stop: async () => {
      await database.drop();
      const all: Restartable<EmbeddedRedis | EmbeddedPostgres>[] = [queue, cache, ...(postgres ? [postgres] : [])];
      await Promise.all(all.map((server) => server.end((running) => running.stop())));
    },
  };
}

async function startOwnRedis(directory: string, role: 'queue' | 'cache'): Promise<Restartable<EmbeddedRedis>> {
  const port = await freePort();
  const dataDir = join(directory, `redis-${role}`);
  const cacheDir = defaultCacheDir(process.env);
  return Restartable.start(`redis ${role}`, () => startRedis({ dataDir, port, role, cacheDir }));
}

async function startOwnPostgres(directory: string): Promise<Restartable<EmbeddedPostgres>> {
  const port = await freePort();
  const dataDir = join(directory, 'postgres');
  return Restartable.start('postgres', () => startPostgres({ dataDir, port, databases: [DATABASE] }));
}

async function flush(redis: Restartable<EmbeddedRedis>): Promise<void> {
  for (;;) {
    await until(() => redis.unharmed, BACK_MS);
    try {
      return await flushAt(redis.running.url);
    } catch (error) {
      // Killed meanwhile: what it holds has outlived it.
      if (redis.unharmed) throw error;
    }
  }
}

/** Redis takes plain text for a command, so that a test needs no client. */
async function flushAt(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const closed = once(socket, 'close').then(() => {
    throw new Error(`FLUSHALL: ${url} closed the connection without an answer`);
  });
  try {
    socket.write('FLUSHALL\r\n');
    const [answer] = (await Promise.race([once(socket, 'data'), closed])) as [Buffer];
    if (!answer.toString().startsWith('+OK')) throw new Error(`FLUSHALL: ${answer}`);
  } finally {
    socket.destroy();
  }
}
