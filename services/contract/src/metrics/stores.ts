import { reportedBy } from './define.ts';

const services = reportedBy('upload', 'workers', 'payment', 'admin');
const uploads = reportedBy('upload');
const workers = reportedBy('workers');
const stored = reportedBy('upload', 'workers');

const pool = ['writer', 'reader'];
const role = ['cache', 'queue'];

/** PostgreSQL, as its clients see it. */
export const databaseMetrics = {
  poolSize: services.gauge('db_pool_size', 'Database connections in use.', { pool }),
  poolFree: services.gauge('db_pool_free', 'Open database connections that nobody uses.', { pool }),
  poolMax: services.gauge('db_pool_max', 'Database connections that the pool may hold.', { pool }),
  poolPending: services.gauge('db_pool_pending_acquires', 'Requests that wait for a database connection.', { pool }),
  poolTimeouts: services.counter(
    'db_pool_acquire_timeouts_total',
    'Requests that waited too long for a connection.',
    // Without a reader there is no second pool: the pools that there are start at 0.
    { pool: 'writer, and reader where there is one' },
  ),
  poolAcquire: services.histogram(
    'db_pool_acquire_duration_seconds',
    'How long a request waited for a database connection, those that waited in vain included.',
    [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    { pool },
  ),
};

/** The two Redis servers. */
export const redisMetrics = {
  redisUp: uploads.gauge('redis_up', 'Whether the Redis of a role answered when it was last asked: 1 or 0.', { role }),
  redisMemoryUsed: uploads.gauge('redis_memory_used_bytes', 'Memory that the Redis of a role uses.', { role }),
  redisMemoryMax: uploads.gauge(
    'redis_memory_max_bytes',
    'Memory that the Redis of a role may use; 0 where it has no limit.',
    { role },
  ),
  redisEvictedKeys: uploads.counter(
    'redis_evicted_keys_total',
    'Keys that the Redis of a role gave up for want of memory, as it counts them itself.',
    { role },
  ),
  cacheOperations: workers.counter('cache_operations_total', 'Reads of cached objects, and objects brought there.', {
    op: ['read', 'fill'],
    result: 'of a read hit or miss, of a fill ok or error',
  }),
  cacheSkipped: workers.counter('cache_skipped_total', 'Objects that were not brought into the cache.', {
    reason: ['too_large'],
  }),
};

/** The object store. */
export const objectStoreMetrics = {
  objectStoreOperations: stored.histogram(
    'object_store_operation_duration_seconds',
    'Time that the object store took; of a read, until its first bytes are there.',
    [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300],
    { op: ['put', 'write', 'read', 'delete'], outcome: ['ok', 'error'] },
  ),
};
