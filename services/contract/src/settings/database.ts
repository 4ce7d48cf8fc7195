import { setting } from './define.ts';
import { duration, integer, text } from './kinds.ts';

const roles = ['upload', 'workers', 'migrations'] as const;
const allRoles = [...roles, 'payment', 'paymentMigrations', 'admin'] as const;

export const database = {
  databaseWriterUrl: setting({
    env: 'DB_WRITER_URL',
    path: null,
    kind: text(),
    doc: 'PostgreSQL connection URL for reads and writes.',
    roles: [...roles, 'admin'],
    secret: true,
  }),
  databaseReaderUrl: setting({
    env: 'DB_READER_URL',
    path: null,
    kind: text(),
    default: '',
    doc: 'PostgreSQL connection URL of a read replica for status and offsets; empty means one pool serves both.',
    roles,
    secret: true,
  }),
  databasePoolMin: setting({
    env: 'DB_POOL_MIN',
    path: 'database.pool.min',
    kind: integer({ min: 0, max: 500 }),
    default: 5,
    doc: 'Connections that one process of the upload API keeps open; worker processes keep none.',
    roles,
  }),
  databasePoolMax: setting({
    env: 'DB_POOL_MAX',
    path: 'database.pool.max',
    kind: integer({ min: 1, max: 500 }),
    default: 50,
    doc: 'Connections that one process may hold, for each of writer and reader. Worker processes hold no more than their queues have concurrent jobs, rounded up to a power of two, above 32 to a multiple of 16, and are replaced only where this bounds them.',
    roles,
  }),
  databaseWorkerPoolMax: setting({
    env: 'DB_WORKER_POOL_MAX',
    path: null,
    kind: integer({ min: 0, max: 500 }),
    default: 0,
    doc: 'Connections that one worker process may hold. The platform computes it from the concurrency of its queues; 0 means that the process does so itself when it starts.',
    roles: ['workers'],
  }),
  databaseAcquireTimeout: setting({
    env: 'DB_ACQUIRE_TIMEOUT',
    path: 'database.pool.acquireTimeout',
    kind: duration('ms', { min: 10, max: 120_000 }),
    default: 10_000,
    doc: 'How long a request waits for a free connection before it fails.',
    roles: allRoles,
  }),
  databaseIdleTimeout: setting({
    env: 'DB_IDLE_TIMEOUT',
    path: 'database.pool.idleTimeout',
    kind: duration('ms', { min: 1000, max: 3_600_000 }),
    default: 30_000,
    doc: 'A connection unused for this long is closed, down to the minimum.',
    roles: allRoles,
  }),
  databaseReapInterval: setting({
    env: 'DB_REAP_INTERVAL',
    path: 'database.pool.reapInterval',
    kind: duration('ms', { min: 100, max: 3_600_000 }),
    default: 1000,
    doc: 'How often idle connections are looked for.',
    roles: allRoles,
  }),
};
