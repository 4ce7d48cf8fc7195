import type { Logger } from '@bundler/runtime';
import { Redis } from 'ioredis';

/** What an API waits for Redis at most: it must never slow an upload down, milliseconds. */
const PATIENCE_MS = 100;

/**
 * A connection for callers that can do without Redis: no queue of commands while it is down, and a short limit for
 * each, `patienceMs`. It reconnects by itself for ever.
 */
export function connectImpatient(url: string, logger: Logger, patienceMs = PATIENCE_MS): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: patienceMs,
    retryStrategy: backoff,
  });
  return withLoggedErrors(redis, logger);
}

/** A connection for workers, which have nothing to do while Redis is down and so wait for it. */
export function connectPatient(url: string, logger: Logger): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: backoff });
  return withLoggedErrors(redis, logger);
}

const backoff = (attempt: number): number => Math.min(50 * 2 ** attempt, 2000);

function withLoggedErrors(redis: Redis, logger: Logger): Redis {
  let reported = false;
  redis.on('error', (error) => {
    if (!reported) logger.warn({ err: error }, 'Redis is not reachable');
    reported = true;
  });
  redis.on('ready', () => {
    reported = false;
  });
  return redis;
}
