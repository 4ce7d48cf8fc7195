import type { Logger } from '@bundler/runtime';
import type { Redis } from 'ioredis';
import { connectImpatient } from './redis.ts';

/** Asks a Redis whether it is there, on a connection that waits longer than an upload would. */
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

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}
