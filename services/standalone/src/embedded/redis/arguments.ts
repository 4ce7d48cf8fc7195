/** `queue` must forget nothing; `cache` forgets what was used least lately. */
export type RedisRole = 'queue' | 'cache';

export type RedisArguments = {
  readonly role: RedisRole;
  readonly port: number;
  readonly dataDir: string;
  /** Bytes, or Redis's notation (`256mb`). A cache without it gets 256 MiB, a queue no limit. */
  readonly maxMemory?: number | string | undefined;
};

const CACHE_MEMORY = '256mb';

/** The server's flags for its role (https://valkey.io/topics/valkey.conf/). */
export function redisFlags({ role, port, dataDir, maxMemory }: RedisArguments): string[] {
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dataDir, '--daemonize', 'no', '--save', ''];
  if (role === 'cache') {
    const limit = String(maxMemory ?? CACHE_MEMORY);
    return [...place, '--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru', '--maxmemory', limit];
  }
  const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'];
  return [...place, ...durable, '--maxmemory', String(maxMemory ?? 0)];
}
