import { rename, rm, writeFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import type { Stage } from '../stage.ts';
import { freeze, killUntilUndone, repeat } from './acts.ts';
import type { Fault, Undo } from './fault.ts';

/** What is left of the memory before the server is full. */
const ROOM_BYTES = 2 * 1024 * 1024;
const REFILL_MS = 5000;
const REFILLED_KEYS = 400;
const VALUE = 'x'.repeat(10_000);

export const storeFaults: readonly Fault[] = [
  {
    name: 'queue-redis-killed',
    what: 'the Redis with the queues is killed (SIGKILL) and does not come back',
    cause: ({ platform }) => killUntilUndone(platform.servers.queue),
    alerts: ['BundlerRedisDown'],
    minutes: 5,
  },
  {
    name: 'cache-redis-hangs',
    what: 'the Redis with the cache and the rate limits is frozen (SIGSTOP)',
    platform: { workers: 0, env: { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_MAX_REQUESTS: '100000' } },
    traffic: { readEveryMs: 1000 },
    cause: ({ platform }) => freeze(platform.servers.cache.running.pid),
    alerts: ['BundlerRedisDown', 'BundlerRateLimiterDown'],
    minutes: 7,
  },
  {
    name: 'queue-redis-full',
    what: 'the Redis with the queues is full and configured as a cache (maxmemory-policy allkeys-lru)',
    platform: { workers: 0 },
    cause: fill,
    alerts: ['BundlerRedisQueueEvicts', 'BundlerRedisMemoryHigh'],
    minutes: 9,
  },
  {
    name: 'object-store-away',
    what: 'the directory of the object store is gone',
    traffic: { uploadEveryMs: 2500 },
    cause: takeAway,
    alerts: ['BundlerObjectStoreErrors'],
    companions: ['BundlerUploadErrorBudgetBurn'],
    minutes: 6,
  },
];

async function fill({ platform }: Stage): Promise<Undo> {
  const redis = new Redis(platform.servers.queue.running.url);
  const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1]);
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await redis.config('SET', 'maxmemory', used + ROOM_BYTES);
  let written = 0;
  const refill = (): void => {
    for (let keys = 0; keys < REFILLED_KEYS; keys += 1) void redis.set(`rubbish:${written++}`, VALUE);
  };
  refill();
  const stop = repeat(REFILL_MS, refill);
  return async () => {
    await stop();
    await redis.config('SET', 'maxmemory', 0);
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    await redis.quit();
  };
}

/** A file in its place makes sure that nobody makes a new one. */
async function takeAway({ platform: { objectsDirectory } }: Stage): Promise<Undo> {
  const elsewhere = `${objectsDirectory}.elsewhere`;
  await rename(objectsDirectory, elsewhere);
  await writeFile(objectsDirectory, '');
  return async () => {
    await rm(objectsDirectory);
    await rename(elsewhere, objectsDirectory);
  };
}
