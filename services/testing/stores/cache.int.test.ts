import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedReader, FsObjectStore, ObjectCache, type ReadRange } from '@bundler/adapters';
import { settings } from '@bundler/contract';
import { createLogger, createMetrics, type Metrics } from '@bundler/runtime';
import { Redis } from 'ioredis';
import { until } from '../src/index.ts';
import { type OwnRedis, openRedis } from './fixtures/own-redis.ts';

const MiB = 1024 * 1024;
/** More than a busy machine makes Redis take, so that a miss is one of the cache and not of the clock, milliseconds. */
const PATIENCE_MS = 15_000;
const LIMITS = { cacheMaxItemSize: 4 * MiB, cacheItemThreshold: 4 * MiB, cacheTtl: 60_000 };

describe('object cache', () => {
  let redis: OwnRedis;
  let client: Redis;
  let directory: string;
  let store: FsObjectStore;
  let metrics: Metrics;
  let open: ObjectCache[];

  beforeAll(async () => {
    redis = await openRedis('cache');
    client = new Redis(redis.url);
    client.on('error', () => undefined);
    directory = await mkdtemp(join(tmpdir(), 'bundler-cached-'));
    store = new FsObjectStore(directory);
  }, 30_000);
  afterAll(async () => {
    client?.disconnect();
    await redis?.close();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    open = [];
    metrics = createMetrics();
  });
  afterEach(async () => {
    for (const cache of open) await cache.close();
  });

  /** A cache that has its connection. */
  async function openCache(limits: Partial<typeof LIMITS> = {}, patienceMs = PATIENCE_MS): Promise<ObjectCache> {
    const cache = new ObjectCache(
      redis.url,
      Object.setPrototypeOf(limits, LIMITS),
      createLogger('test', 'silent'),
      metrics,
      patienceMs,
    );
    open.push(cache);
    const probe = await stored(Buffer.from('probe'));
    await until(() => cache.fill(probe, 5, store));
    metrics.registry.resetMetrics();
    return cache;
  }

  async function stored(content: Buffer): Promise<string> {
    const key = `segments/${randomUUID()}`;
    await store.put(key, [content]);
    return key;
  }

  const read: ReadRange = (key, start, end) => store.read(key, start, end);

  async function gather(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
    const all: Buffer[] = [];
    for await (const piece of pieces) all.push(piece);
    return Buffer.concat(all);
  }

  const reads = async (result: 'hit' | 'miss'): Promise<number> =>
    (await metrics.cacheOperations.get()).values.find(({ labels }) => labels.result === result)?.value ?? 0;
  const skipped = async (): Promise<number> => (await metrics.cacheSkipped.get()).values[0]?.value ?? 0;

  it.each([1, MiB, 3 * MiB + 5])('gives back an object of %i bytes, whole and in ranges', async (size) => {
    const cache = await openCache();
    const content = randomBytes(size);
    const key = await stored(content);
    expect(await cache.read(key, 0, size)).toBeUndefined();
    expect(await cache.fill(key, size, store)).toBe(true);
    expect((await cache.read(key, 0, size))?.equals(content)).toBe(true);
    expect((await cache.read(key, size - 1, size))?.equals(content.subarray(size - 1))).toBe(true);
    expect(await cache.read(key, 0, size + 1)).toBeUndefined();
    expect(await reads('hit')).toBe(2);
    expect(await reads('miss')).toBe(2);
  });

  it('obeys a cap that changes while it is in use', async () => {
    const limits = { cacheMaxItemSize: 100 };
    const cache = await openCache(limits);
    const key = await stored(randomBytes(101));
    expect(await cache.fill(key, 101, store)).toBe(false);
    limits.cacheMaxItemSize = 101;
    expect(await cache.fill(key, 101, store)).toBe(true);
  });

  it.each([
    ['MAX_CACHE_DATA_ITEM_SIZE', { cacheMaxItemSize: 100 }],
    ['CACHE_DATAITEM_BYTES_THRESHOLD', { cacheItemThreshold: 100 }],
  ])('leaves out and counts what is larger than %s', async (_, limits) => {
    const cache = await openCache(limits);
    const [fits, large] = [await stored(randomBytes(100)), await stored(randomBytes(101))];
    expect(await cache.fill(fits, 100, store)).toBe(true);
    expect(await skipped()).toBe(0);
    expect(await cache.fill(large, 101, store)).toBe(false);
    expect(await skipped()).toBe(1);
    expect(await cache.read(large, 0, 101)).toBeUndefined();
  });

  it('takes an object of 50 MB with the caps that are the default, and none of 150 MB', async () => {
    const [cacheMaxItemSize, cacheItemThreshold] = [settings.cacheMaxItemSize, settings.cacheItemThreshold].map(
      (setting) => setting.default!,
    );
    const cache = await openCache({ cacheMaxItemSize: cacheMaxItemSize!, cacheItemThreshold: cacheItemThreshold! });
    const megabyte = randomBytes(1e6);
    const key = `segments/${randomUUID()}`;
    await store.put(
      key,
      Array.from({ length: 150 }, () => megabyte),
    );
    expect(await cache.fill(key, 150e6, store)).toBe(false);
    expect(await cache.read(key, 0, 1000)).toBeUndefined();
    expect(await cache.fill(key, 50e6, store)).toBe(true);
    expect((await cache.read(key, 49e6, 50e6))?.equals(megabyte)).toBe(true);
    expect(await skipped()).toBe(1);
    await client.flushall();
  }, 30_000);

  it('keeps an object for its time and no longer, and nothing of one that could not be read', async () => {
    await client.flushall();
    const cache = await openCache({ cacheTtl: 30_000 });
    const key = await stored(randomBytes(2 * MiB));
    expect(await cache.fill(key, 2 * MiB, store)).toBe(true);
    const left = await client.pttl(`object:${key}`);
    expect(left).toBeGreaterThan(20_000);
    expect(left).toBeLessThanOrEqual(30_000);
    expect(await cache.fill(`segments/${randomUUID()}`, 10, store)).toBe(false);
    expect(await cache.fill(key, 3 * MiB, store)).toBe(false);
    expect(await client.keys('unfinished:*')).toEqual([]);
  });

  it('reads from the store what the cache does not have, also when the cache loses it half way', async () => {
    const cache = await openCache();
    const content = randomBytes(3 * MiB);
    const key = await stored(content);
    const cached = cachedReader(read, cache);
    expect((await gather(cached(key, 10, 3 * MiB))).equals(content.subarray(10))).toBe(true);
    expect(await cache.fill(key, 3 * MiB, store)).toBe(true);
    const pieces: Buffer[] = [];
    for await (const piece of cached(key, 10, 3 * MiB)) {
      pieces.push(piece);
      if (pieces.length === 1) await client.flushall();
    }
    expect(Buffer.concat(pieces).equals(content.subarray(10))).toBe(true);
    expect(await reads('hit')).toBe(1);
  });

  it('misses while Redis does not answer or is gone, and the store answers instead', async () => {
    const cache = await openCache({}, 100);
    const content = randomBytes(1000);
    const key = await stored(content);
    await cache.fill(key, 1000, store);
    const expectMisses = async (): Promise<void> => {
      expect(await cache.read(key, 0, 1000)).toBeUndefined();
      expect(await cache.fill(key, 1000, store)).toBe(false);
      expect((await gather(cachedReader(read, cache)(key, 0, 1000))).equals(content)).toBe(true);
    };
    redis.freeze();
    try {
      await expectMisses();
    } finally {
      redis.thaw();
    }
    await redis.stop();
    try {
      await expectMisses();
    } finally {
      await redis.start();
    }
    await until(() => cache.fill(key, 1000, store));
    await until(async () => (await cache.read(key, 0, 1000))?.equals(content) === true);
  }, 20_000);
});
