import { queues as declared, type QueueName } from '../queues/index.ts';
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

/** Room for so many jobs, in steps, so that a change of concurrency within a step needs no new process. */
const poolStep = (jobs: number): number =>
  jobs > 32 ? 16 * Math.ceil(jobs / 16) : Math.max(4, 2 ** Math.ceil(Math.log2(jobs)));

/** Connections for as many jobs as there are by default: a concurrency that is lowered needs no new process either. */
export function leastWorkerPool(queues: readonly QueueName[]): number {
  return poolStep(queues.reduce((sum, queue) => sum + declared[queue].concurrency, 0));
}

/** Connections that a worker process may hold: one for each of its jobs, and some more. */
export function workerPoolSize(
  queues: readonly QueueName[],
  config: Pick<Config, `${QueueName}Concurrency` | 'databasePoolMax'>,
): number {
  const jobs = queues.reduce((sum, queue) => sum + config[`${queue}Concurrency`], 0);
  return Math.min(config.databasePoolMax, Math.max(leastWorkerPool(queues), poolStep(jobs)));
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
