import { randomUUID } from 'node:crypto';
import type { Logger } from '@bundler/runtime';
import type { Redis } from 'ioredis';
import { connectImpatient } from '../redis.ts';
import type { InFlightMarks, Mark } from './port.ts';
import { claim, PROCESS_PREFIX, release, renew } from './scripts.ts';

/** How long a process counts as alive after it last said so, and how often it says so, milliseconds. */
const ALIVE_MS = 10_000;
const SAY_SO_EVERY_MS = 3000;

interface Scripts {
  claimMark(mark: string, process: string, owner: string, ttlMs: number, aliveMs: number): Promise<number>;
  renewMark(mark: string, owner: string, ttlMs: number): Promise<number>;
  releaseMark(mark: string, owner: string): Promise<number>;
}

/** Marks in the cache's Redis: what is lost with it is found out again by the row's primary key. */
export class RedisInFlightMarks implements InFlightMarks {
  readonly #redis: Redis & Scripts;
  readonly #processId = randomUUID();
  readonly #held = new Set<string>();
  #uploads = 0;
  #sayingSo: NodeJS.Timeout | undefined;

  constructor(url: string, logger: Logger) {
    this.#redis = connectImpatient(url, logger) as Redis & Scripts;
    this.#redis.defineCommand('claimMark', { numberOfKeys: 2, lua: claim });
    this.#redis.defineCommand('renewMark', { numberOfKeys: 1, lua: renew });
    this.#redis.defineCommand('releaseMark', { numberOfKeys: 1, lua: release });
  }

  async claim(id: string, ttlMs: number): Promise<Mark | 'taken' | undefined> {
    const key = `in-flight:${id}`;
    this.#uploads += 1;
    const owner = `${this.#processId}/${this.#uploads}`;
    try {
      const taken = await this.#redis.claimMark(key, this.#processKey, owner, ttlMs, ALIVE_MS);
      if (taken === 0) return 'taken';
    } catch {
      // A claim that was made although its answer came too late ends with its lifetime, or is this upload's to free.
      await this.#redis.releaseMark(key, owner).catch(() => undefined);
      return undefined;
    }
    this.#hold(owner);
    return {
      renew: async (ms) => {
        await this.#redis.renewMark(key, owner, ms).catch(() => undefined);
      },
      release: async () => {
        this.#letGo(owner);
        await this.#redis.releaseMark(key, owner).catch(() => undefined);
      },
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#sayingSo);
    this.#redis.disconnect();
  }

  get #processKey(): string {
    return PROCESS_PREFIX + this.#processId;
  }

  /** A process says that it lives only while that matters to somebody. */
  #hold(owner: string): void {
    this.#held.add(owner);
    this.#sayingSo ??= setInterval(
      () => void this.#redis.set(this.#processKey, '1', 'PX', ALIVE_MS).catch(() => undefined),
      SAY_SO_EVERY_MS,
    ).unref();
  }

  #letGo(owner: string): void {
    this.#held.delete(owner);
    if (this.#held.size > 0) return;
    clearInterval(this.#sayingSo);
    this.#sayingSo = undefined;
  }
}
