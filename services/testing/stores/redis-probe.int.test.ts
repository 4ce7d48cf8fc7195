import { RedisProbe } from '@bundler/adapters';
import { createLogger } from '@bundler/runtime';
import { Redis } from 'ioredis';
import { until } from '../src/index.ts';
import { type OwnRedis, openRedis } from './fixtures/own-redis.ts';

const MB = 1_000_000;

describe('what a Redis says of itself', () => {
  let redis: OwnRedis;
  let probe: RedisProbe;

  beforeAll(async () => {
    redis = await openRedis('cache');
    probe = new RedisProbe(redis.url, createLogger('test', 'silent'), 2000);
    await until(() =>
      probe.check().then(
        () => true,
        () => false,
      ),
    );
  }, 30_000);
  afterAll(async () => {
    await probe?.close();
    await redis?.close();
  });

  it('is the memory it uses and may use, and how many keys it gave up for want of it', async () => {
    const client = new Redis(redis.url);
    try {
      const before = await probe.state();
      expect(before.evictedKeys).toBe(0);
      await client.config('SET', 'maxmemory', String(before.memoryUsedBytes + 8 * MB));
      await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
      for (let key = 0; key < 20; key += 1) await client.set(`key-${key}`, Buffer.alloc(MB));
      const after = await probe.state();
      expect(after.memoryMaxBytes).toBe(before.memoryUsedBytes + 8 * MB);
      expect(after.memoryUsedBytes).toBeGreaterThan(before.memoryUsedBytes + MB);
      expect(after.evictedKeys).toBeGreaterThanOrEqual(5);
    } finally {
      client.disconnect();
    }
  });

  it('is nothing while it is away', async () => {
    await redis.stop();
    await expect(probe.state()).rejects.toThrow();
    await redis.start();
    await until(() =>
      probe.state().then(
        () => true,
        () => false,
      ),
    );
  }, 30_000);
});
