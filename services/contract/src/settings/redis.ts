import { type Role, type Setting, setting } from './define.ts';
import { bytes, duration, text } from './kinds.ts';

const roles = ['upload', 'workers'] as const;

const queueRoles = [...roles, 'admin'] as const;

/** The payment service counts there how often somebody asks. */
const cacheRoles = [...roles, 'payment'] as const;

type Credential = Setting<string, null>;

/** What a server asks for beside its URL: a password may hold characters that a URL cannot. */
const credential = (env: string, doc: string, readers: readonly Role[] = roles): Credential =>
  setting({ env, path: null, kind: text(), default: '', doc, roles: readers, secret: true });

export const redis = {
  redisQueueUrl: setting({
    env: 'REDIS_QUEUE_URL',
    path: null,
    kind: text(),
    doc: 'Redis that holds the queues: noeviction, append-only file recommended. It can be flushed at any time; the re-driver rebuilds what was waiting.',
    roles: queueRoles,
    secret: true,
  }),
  redisCacheUrl: setting({
    env: 'REDIS_CACHE_URL',
    path: null,
    kind: text(),
    doc: 'Redis that holds the data item cache and the counts of rate limits: maxmemory with an LRU policy.',
    roles: cacheRoles,
    secret: true,
  }),
  redisQueueUsername: credential(
    'REDIS_QUEUE_USERNAME',
    'User name for the queues, when REDIS_QUEUE_URL names none.',
    queueRoles,
  ),
  redisQueuePassword: credential(
    'REDIS_QUEUE_PASSWORD',
    'Password for the queues, when REDIS_QUEUE_URL holds none.',
    queueRoles,
  ),
  redisCacheUsername: credential(
    'REDIS_CACHE_USERNAME',
    'User name for the cache, when REDIS_CACHE_URL names none.',
    cacheRoles,
  ),
  redisCachePassword: credential(
    'REDIS_CACHE_PASSWORD',
    'Password for the cache, when REDIS_CACHE_URL holds none.',
    cacheRoles,
  ),
  cacheMaxItemSize: setting({
    env: 'MAX_CACHE_DATA_ITEM_SIZE',
    path: 'cache.maxItemSize',
    kind: bytes({ min: 0, max: 512 * 1024 * 1024 }),
    default: 100 * 1024 * 1024,
    doc: 'Objects larger than this are kept in the object store only, so that large uploads cannot fill Redis. 0 turns the cache off.',
    roles,
    applies: 'live',
  }),
  cacheItemThreshold: setting({
    env: 'CACHE_DATAITEM_BYTES_THRESHOLD',
    path: 'cache.itemThreshold',
    kind: bytes({ min: 0, max: 512 * 1024 * 1024 }),
    default: 100 * 1024 * 1024,
    doc: 'A second cap on what is cached; the smaller of this and MAX_CACHE_DATA_ITEM_SIZE decides.',
    roles,
    applies: 'live',
  }),
  cacheTtl: setting({
    env: 'CACHE_DATA_ITEM_TTL_SECS',
    path: 'cache.ttl',
    kind: duration('s', { min: 1000, max: 86_400_000 }),
    default: 3_600_000,
    doc: 'How long an object stays in the cache.',
    roles,
    applies: 'live',
  }),
};
