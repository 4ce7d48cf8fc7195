import { randomUUID } from 'node:crypto';
import { RedisRateLimiter } from '@bundler/adapters';
import { createLogger } from '@bundler/runtime';
import { until } from '../src/index.ts';
import { type OwnRedis, openRedis } from './fixtures/own-redis.ts';

/** A busy machine may stop Redis for a second; what is not counted then is no concern of most tests. */
const PATIENT_MS = 15_000;
/** What it takes to give up on a Redis that hangs. */
const IMPATIENT_MS = 100;

describe('rate limiter on Redis', () => {
  let redis: OwnRedis;
  let open: RedisRateLimiter[];

  beforeAll(async () => {
    redis = await openRedis('cache');
  }, 30_000);
  afterAll(() => redis?.close());
  beforeEach(() => {
    open = [];
  });
  afterEach(async () => {
    for (const limiter of open) await limiter.close();
  });

  /** One that has its connection. */
  async function openLimiter(now = () => performance.now(), timeoutMs = PATIENT_MS): Promise<RedisRateLimiter> {
    const limiter = new RedisRateLimiter(redis.url, createLogger('test', 'silent'), now, timeoutMs);
    open.push(limiter);
    await until(async () => (await limiter.take(randomUUID(), { max: 1, windowMs: 1000 }, 1)) !== undefined);
    return limiter;
  }

  it('lets through exactly the maximum, however many processes count at once', async () => {
    const limiters = await Promise.all([openLimiter(), openLimiter(), openLimiter()]);
    const [identity, limit] = [randomUUID(), { max: 100, windowMs: 60_000 }];
    const verdicts = await Promise.all(
      Array.from({ length: 150 }, (_, index) => limiters[index % 3]!.take(identity, limit, 1)),
    );
    const allowed = verdicts.filter((verdict) => verdict?.allowed);
    expect(allowed).toHaveLength(100);
    expect(allowed.map((verdict) => verdict!.remaining).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, index) => index),
    );
    for (const refused of verdicts.filter((verdict) => !verdict?.allowed)) {
      expect(refused!.remaining).toBe(0);
      expect(refused!.retryMs).toBeGreaterThan(50_000);
      expect(refused!.retryMs).toBeLessThanOrEqual(60_000);
    }
  });

  it('forgets a burst one window after it and not before', async () => {
    const limiter = await openLimiter();
    const [identity, limit] = [randomUUID(), { max: 3, windowMs: 1000 }];
    const start = performance.now();
    for (let sent = 0; sent < 3; sent += 1) expect((await limiter.take(identity, limit, 1))?.allowed).toBe(true);
    const last = performance.now();
    await until(async () => (await limiter.take(identity, limit, 1))?.allowed === true);
    expect(performance.now() - start).toBeGreaterThan(990);
    expect((await limiter.take(identity, { ...limit, windowMs: 1000 }, 0))?.remaining).toBeGreaterThanOrEqual(0);
    expect(performance.now() - last).toBeLessThan(10_000);
  });

  it('never has more than the maximum in any window while requests come without a pause', async () => {
    const limiter = await openLimiter();
    const [identity, limit] = [randomUUID(), { max: 20, windowMs: 1000 }];
    const sent: number[] = [];
    // Two whole windows and some of a third.
    while (sent.length <= 2 * 45) {
      const asked = performance.now();
      const verdict = await limiter.take(identity, limit, 1);
      // The earliest that it can have been counted at, for each first of a window; the latest, for each last.
      if (verdict?.allowed) sent.push(asked, performance.now());
    }
    const latest = sent.filter((_, index) => index % 2 === 1);
    const earliest = sent.filter((_, index) => index % 2 === 0);
    // The 21st after any request comes a whole window later: seen from outside, no sooner than their extremes allow.
    for (let index = limit.max; index < latest.length; index += 1) {
      expect(latest[index]! - earliest[index - limit.max]!).toBeGreaterThan(limit.windowMs - 2);
    }
  }, 15_000);

  it('counts costs, and takes a cheap request where a dear one is refused', async () => {
    const limiter = await openLimiter();
    const [identity, limit] = [randomUUID(), { max: 3, windowMs: 60_000 }];
    expect(await limiter.take(identity, limit, 2.5)).toMatchObject({ allowed: true, remaining: 0 });
    expect(await limiter.take(identity, limit, 1)).toMatchObject({ allowed: false });
    for (let cheap = 0; cheap < 5; cheap += 1) {
      expect(await limiter.take(identity, limit, 0.1)).toMatchObject({ allowed: true });
    }
    expect(await limiter.take(identity, limit, 0.1)).toMatchObject({ allowed: false });
    expect(await limiter.take(identity, { ...limit, max: 4 }, 1)).toMatchObject({ allowed: true });
    expect(await limiter.take(randomUUID(), limit, 3)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('waits for Redis as long as it was told to', async () => {
    const patient = await openLimiter();
    const impatient = await openLimiter(() => performance.now(), IMPATIENT_MS);
    const limit = { max: 10, windowMs: 60_000 };
    redis.freeze();
    const counted = patient.take('b', limit, 1);
    try {
      expect(await impatient.take('b', limit, 1)).toBeUndefined();
    } finally {
      redis.thaw();
    }
    expect(await counted).toMatchObject({ allowed: true });
  });

  it('knows nothing while Redis hangs or is gone, says so, and counts again when it is back', async () => {
    let offset = 0;
    const limiter = await openLimiter(() => performance.now() + offset, IMPATIENT_MS);
    const limit = { max: 10, windowMs: 60_000 };
    redis.freeze();
    try {
      expect(await limiter.take('a', limit, 1)).toBeUndefined();
      // The next ones do not wait for their time limit too.
      const asked = performance.now();
      for (let more = 0; more < 100; more += 1) expect(await limiter.take('a', limit, 1)).toBeUndefined();
      expect(performance.now() - asked).toBeLessThan(90);
    } finally {
      redis.thaw();
    }
    await redis.stop();
    try {
      offset += 1000;
      expect(await limiter.take('a', limit, 1)).toBeUndefined();
    } finally {
      await redis.start();
    }
    await until(async () => {
      offset += 1000;
      return (await limiter.take('a', limit, 1))?.allowed === true;
    });
  }, 20_000);
});
