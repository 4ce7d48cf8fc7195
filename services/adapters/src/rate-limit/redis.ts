import type { Logger, RateLimit, RateLimiter, RateVerdict } from '@bundler/runtime';
import type { Redis } from 'ioredis';
import { connectImpatient } from '../redis.ts';
import { slidingWindow } from './sliding-window.ts';

/** After a failure nobody asks for so long: a Redis that hangs costs one request its time limit, not each, milliseconds. */
const QUIET_MS = 1000;

type Answer = [allowed: number, left: number, reset: number, wait: number];
type Script = { slidingWindow(key: string, max: number, cost: number, windowMs: number): Promise<Answer> };

const thousandths = (requests: number): number => Math.round(requests * 1000);

/** Counts in the cache's Redis. What is lost with it is a window's count. */
export class RedisRateLimiter implements RateLimiter {
  readonly #redis: Redis & Script;
  readonly #logger: Logger;
  readonly #now: () => number;
  #quietUntil = 0;
  #failing = false;

  /**
   * @param now milliseconds, monotonic
   * @param timeoutMs what Redis has to count a request
   */
  constructor(url: string, logger: Logger, now: () => number, timeoutMs: number) {
    this.#redis = connectImpatient(url, logger, timeoutMs) as Redis & Script;
    this.#redis.defineCommand('slidingWindow', { numberOfKeys: 1, lua: slidingWindow });
    this.#logger = logger;
    this.#now = now;
  }

  async take(identity: string, { max, windowMs }: RateLimit, cost: number): Promise<RateVerdict | undefined> {
    if (this.#failing && this.#now() < this.#quietUntil) return undefined;
    try {
      const answer = await this.#redis.slidingWindow(`rate:${identity}`, thousandths(max), thousandths(cost), windowMs);
      if (this.#failing) this.#logger.info('requests are counted again');
      this.#failing = false;
      const [allowed, left, resetMs, retryMs] = answer;
      return { allowed: allowed === 1, remaining: Math.floor(left / 1000), resetMs, retryMs };
    } catch (error) {
      if (!this.#failing)
        this.#logger.warn({ err: error }, 'rate limits are off: the Redis of the cache does not count');
      this.#failing = true;
      this.#quietUntil = this.#now() + QUIET_MS;
      return undefined;
    }
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}
