import { randomUUID } from 'node:crypto';
import { type Mark, RedisInFlightMarks } from '@bundler/adapters';
import { createLogger } from '@bundler/runtime';
import { Redis } from 'ioredis';
import { until } from '../src/index.ts';
import { type OwnRedis, openRedis } from './fixtures/own-redis.ts';

const LONG = 600_000;

describe('marks of items in flight, on Redis', () => {
  let redis: OwnRedis;
  let client: Redis;
  let open: RedisInFlightMarks[];

  beforeAll(async () => {
    redis = await openRedis('cache');
    client = new Redis(redis.url);
    client.on('error', () => undefined);
  }, 30_000);
  afterAll(async () => {
    client?.disconnect();
    await redis?.close();
  });
  beforeEach(() => {
    open = [];
  });
  afterEach(async () => {
    for (const marks of open) await marks.close();
  });

  /** The marks of one process, with its connection. */
  async function openMarks(): Promise<RedisInFlightMarks> {
    const marks = new RedisInFlightMarks(redis.url, createLogger('test', 'silent'));
    open.push(marks);
    await until(async () => {
      const probe = await marks.claim(randomUUID(), 1000);
      if (typeof probe === 'object') await probe.release();
      return probe !== undefined;
    });
    return marks;
  }

  async function held(claim: Promise<Mark | 'taken' | undefined>): Promise<Mark> {
    const mark = await claim;
    if (typeof mark !== 'object') throw new Error(`the item is ${mark}`);
    return mark;
  }

  it('are given to one upload at a time, in whichever process, and to the next when it is freed', async () => {
    const [a, b] = [await openMarks(), await openMarks()];
    const id = randomUUID();
    const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? a : b).claim(id, LONG)));
    const [mark, ...others] = claims.filter((claim) => typeof claim === 'object');
    expect(others).toEqual([]);
    expect(claims.filter((claim) => claim === 'taken')).toHaveLength(19);
    expect(typeof (await a.claim(randomUUID(), LONG))).toBe('object');
    await mark!.release();
    await held(b.claim(id, LONG));
    expect(await a.claim(id, LONG)).toBe('taken');
  });

  it('last as long as they are renewed and end by themselves', async () => {
    const [a, b] = [await openMarks(), await openMarks()];
    const id = randomUUID();
    const mark = await held(a.claim(id, 200));
    await mark.renew(LONG);
    expect(await client.pttl(`in-flight:${id}`)).toBeGreaterThan(LONG - 5000);
    await mark.renew(200);
    await until(async () => typeof (await b.claim(id, LONG)) === 'object');
    // It is the other's now: neither renewing nor freeing it late does that any harm.
    await mark.renew(LONG);
    await mark.release();
    expect(await a.claim(id, LONG)).toBe('taken');
  });

  it('fall to others as soon as the process that had them is known to be dead', async () => {
    const [a, b] = [await openMarks(), await openMarks()];
    const id = randomUUID();
    await held(a.claim(id, LONG));
    expect(await b.claim(id, LONG)).toBe('taken');
    // What a killed process leaves behind, once its time has come.
    const processes = await client.keys('in-flight:process:*');
    const holder = (await client.get(`in-flight:${id}`))!.split('/')[0];
    const left = await client.pttl(`in-flight:process:${holder}`);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(10_000);
    await client.del(...processes);
    await held(b.claim(id, LONG));
  });

  it('are made again after a flush, and nobody can tell while Redis is gone', async () => {
    const [a, b] = [await openMarks(), await openMarks()];
    const id = randomUUID();
    const mark = await held(a.claim(id, LONG));
    await client.flushall();
    await mark.renew(LONG);
    await held(a.claim(randomUUID(), LONG));
    expect(await b.claim(id, LONG)).toBe('taken');
    await redis.stop();
    try {
      expect(await b.claim(id, LONG)).toBeUndefined();
      await mark.renew(LONG);
      await mark.release();
    } finally {
      await redis.start();
    }
    await until(async () => typeof (await b.claim(randomUUID(), LONG)) === 'object');
  }, 20_000);
});
