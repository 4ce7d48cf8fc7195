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
