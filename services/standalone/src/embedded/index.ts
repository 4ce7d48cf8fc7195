export { defaultCacheDir } from './cache-dir.ts';
export { type EmbeddedPostgres, type PostgresOptions, startPostgres } from './postgres/postgres.ts';
export type { Exit } from './process/managed-process.ts';
export { type ManagedProcess, type ManagedProcessOptions, startProcess } from './process/managed-process.ts';
export { dieWithParent } from './process/parent-death.ts';
export { freePort, type PortOwner, portOwner, requireFreePort } from './process/ports.ts';
export type { Progress } from './progress.ts';
export { type EmbeddedRedis, type RedisOptions, startRedis } from './redis/redis.ts';
