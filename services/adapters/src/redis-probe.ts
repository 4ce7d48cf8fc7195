import type { Logger } from '@bundler/runtime';
import type { Redis } from 'ioredis';
import { connectImpatient } from './redis.ts';

/** What a Redis says of itself. */
export interface RedisState {
  readonly memoryUsedBytes: number;
  /** 0 where there is no limit. */
  readonly memoryMaxBytes: number;
  /** Since it was started. */
  readonly evictedKeys: number;
}

/** Asks a Redis whether it is there and how it is, on a connection that waits longer than an upload would. */
export class RedisProbe {
  readonly #redis: Redis;

  /** @param patienceMs how long an answer may take */
  constructor(url: string, logger: Logger, patienceMs: number) {
    this.#redis = connectImpatient(url, logger, patienceMs);
  }

  /** @throws Error when it does not answer */
  async check(): Promise<void> {
    await this.#redis.ping();
  }

  /** @throws Error when it does not answer */
  async state(): Promise<RedisState> {
    const text = await this.#redis.info();
    const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return {
      memoryUsedBytes: field('used_memory'),
      memoryMaxBytes: field('maxmemory'),
      evictedKeys: field('evicted_keys'),
    };
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}
