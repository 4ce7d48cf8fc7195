import { randomUUID } from 'node:crypto';
import type { Config } from '@bundler/contract';
import type { Logger, Metrics } from '@bundler/runtime';
import type { Redis } from 'ioredis';
import type { ObjectStore } from '../object-store/port.ts';
import { connectImpatient } from '../redis.ts';

/** Redis takes an object in pieces of this size, so that no whole object is ever in memory here. */
const PIECE_BYTES = 1024 * 1024;

/** Caps and lifetime are read when they are needed: they may change while the process runs. */
type CacheConfig = Pick<Config, 'cacheMaxItemSize' | 'cacheItemThreshold' | 'cacheTtl'>;

/** Keeps objects of limited size near the workers; every failure is a miss. */
export class ObjectCache {
  readonly #redis: Redis;
  readonly #config: CacheConfig;
  readonly #logger: Logger;
  readonly #metrics: Metrics;

  /** Redis has `patienceMs` for each command, the usual patience if undefined; what takes it longer is a miss. */
  constructor(url: string, config: CacheConfig, logger: Logger, metrics: Metrics, patienceMs?: number) {
    this.#redis = connectImpatient(url, logger, patienceMs);
    this.#config = config;
    this.#logger = logger;
    this.#metrics = metrics;
    for (const result of ['hit', 'miss']) metrics.cacheOperations.inc({ op: 'read', result }, 0);
    for (const result of ['ok', 'error']) metrics.cacheOperations.inc({ op: 'fill', result }, 0);
  }

  /** Copies an object from the store, unless it is too large. True when it is in the cache afterwards. */
  async fill(key: string, byteCount: number, store: ObjectStore): Promise<boolean> {
    const { cacheMaxItemSize, cacheItemThreshold, cacheTtl } = this.#config;
    // Redis is memory: an object above the cap would push thousands of small ones out, or fill it.
    const maxBytes = Math.min(cacheMaxItemSize, cacheItemThreshold);
    if (byteCount > maxBytes) {
      this.#metrics.cacheSkipped.inc({ reason: 'too_large' });
      this.#logger.debug({ key, byteCount, maxBytes }, 'too large for the cache; object store only');
      return false;
    }
    const unfinished = `unfinished:${randomUUID()}`;
    try {
      let pieces: Buffer[] = [];
      let gathered = 0;
      const flush = async (): Promise<void> => {
        await this.#redis.append(unfinished, Buffer.concat(pieces));
        await this.#redis.pexpire(unfinished, cacheTtl);
        pieces = [];
        gathered = 0;
      };
      for await (const piece of store.read(key, 0, byteCount)) {
        pieces.push(piece);
        gathered += piece.length;
        if (gathered >= PIECE_BYTES) await flush();
      }
      await flush();
      await this.#redis.rename(unfinished, cacheKey(key));
      this.#metrics.cacheOperations.inc({ op: 'fill', result: 'ok' });
      return true;
    } catch (error) {
      this.#metrics.cacheOperations.inc({ op: 'fill', result: 'error' });
      this.#logger.debug({ err: error, key }, 'not cached');
      await this.#redis.del(unfinished).catch(() => undefined);
      return false;
    }
  }

  /** The bytes from `start` up to but not including `end` (which must be more than none), if the object is here. */
  async read(key: string, start: number, end: number): Promise<Buffer | undefined> {
    const bytes = await this.#redis.getrangeBuffer(cacheKey(key), start, end - 1).catch(() => undefined);
    const hit = bytes?.length === end - start;
    this.#metrics.cacheOperations.inc({ op: 'read', result: hit ? 'hit' : 'miss' });
    return hit ? bytes : undefined;
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}

const cacheKey = (objectKey: string): string => `object:${objectKey}`;
