import type { QueueName } from '../queues/index.ts';
import type { Config } from './index.ts';

/**
 * Whether the bytes of new items are brought into the cache. It stands before a remote store only: files are as near as
 * Redis would be.
 */
export function cachesObjects(
  config: Pick<Config, 'objectStoreDriver' | 'cacheMaxItemSize' | 'cacheItemThreshold'>,
): boolean {
  return config.objectStoreDriver === 's3' && Math.min(config.cacheMaxItemSize, config.cacheItemThreshold) > 0;
}

/**
 * Connections that a worker process may hold: room for each of its jobs, in steps, so that a change of concurrency
 * within a step needs no new process.
 */
export function workerPoolSize(
  queues: readonly QueueName[],
  config: Pick<Config, `${QueueName}Concurrency` | 'databasePoolMax'>,
): number {
  const jobs = queues.reduce((sum, queue) => sum + config[`${queue}Concurrency`], 0);
  return Math.min(config.databasePoolMax, Math.max(4, 2 ** Math.ceil(Math.log2(jobs))));
}

/**
 * The URL of a Redis with the credentials in it, escaped as a URL needs them. What the URL says itself stays.
 *
 * @throws TypeError when the URL is none
 */
function withCredentials(url: string, username: string, password: string): string {
  if (username === '' && password === '') return url;
  const complete = new URL(url);
  if (complete.username === '') complete.username = encodeURIComponent(username);
  if (complete.password === '') complete.password = encodeURIComponent(password);
  return complete.href;
}

/** Where the queues are, with what it takes to be let in. */
export function redisQueueAddress(
  config: Pick<Config, 'redisQueueUrl' | 'redisQueueUsername' | 'redisQueuePassword'>,
): string {
  return withCredentials(config.redisQueueUrl, config.redisQueueUsername, config.redisQueuePassword);
}

/** Where the cache is, with what it takes to be let in. */
export function redisCacheAddress(
  config: Pick<Config, 'redisCacheUrl' | 'redisCacheUsername' | 'redisCachePassword'>,
): string {
  return withCredentials(config.redisCacheUrl, config.redisCacheUsername, config.redisCachePassword);
}
