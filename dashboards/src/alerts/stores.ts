import { metrics, objectives } from '@bundler/contract';
import { count, counter, gauge, increase, max, observed, platform, rate, share, sum } from '../promql/index.ts';
import { type Alert, given, growing, look, steady, step } from './define.ts';

const { memoryUse } = objectives.redis;
const main = { namespace: 'bundler', config: 'main' };
const byRole = [...platform, 'role'] as const;
const pod = [...platform, 'pod'] as const;

/** Of the memory that a Redis may use. One without a limit has no share. */
const memoryShare = (role: 'cache' | 'queue') =>
  share(
    max(byRole, gauge(metrics.redisMemoryUsed, { role })),
    max(byRole, gauge(metrics.redisMemoryMax, { role })),
  ).above(memoryUse);
const memory = (role: string, used: number) => [
  given(metrics.redisMemoryUsed, { role }, steady(used)),
  given(metrics.redisMemoryMax, { role }, steady(1000)),
];

/** Processes that wait in vain for a connection and have not a single one: the server takes none. */
const withoutConnections = count(
  platform,
  sum(pod, increase(counter(metrics.poolTimeouts), '1m'))
    .above(0)
    .and(
      sum(pod, gauge(metrics.poolSize))
        .plus(sum(pod, gauge(metrics.poolFree)))
        .equals(0),
    ),
).above(0);
const pool = (inUse: number, free: number) => [
  given(metrics.poolSize, { pool: 'writer' }, steady(inUse)),
  given(metrics.poolFree, { pool: 'writer' }, steady(free)),
];

/** PostgreSQL, Redis and the object store, as those who use them see them. */
export const storeAlerts: readonly Alert[] = [
  {
    name: 'BundlerPostgresDown',
    summary: 'PostgreSQL of {{ $labels.namespace }}/{{ $labels.config }} takes no connections',
    description: '{{ $value | humanize }} processes wait for a connection in vain and have none.',
    team: 'platform',
    panel: ['stores', 'Waits in vain'],
    rules: [
      {
        severity: 'critical',
        expr: withoutConnections,
        for: '1m',
        proof: {
          fires: [given(metrics.poolTimeouts, { pool: 'writer' }, growing(6)), ...pool(0, 0)],
          from: 1,
          labels: main,
          says: '1 processes wait for a connection in vain and have none.',
          silent: [
            // A pool that is exhausted, and one that nobody waits for.
            [given(metrics.poolTimeouts, { pool: 'writer' }, growing(6)), ...pool(50, 0)],
            [given(metrics.poolTimeouts, { pool: 'writer' }, growing(6)), ...pool(0, 1)],
            [given(metrics.poolTimeouts, { pool: 'writer' }, steady(6)), ...pool(0, 0)],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'Processes have no connection to PostgreSQL and cannot get one. Other alerts of the platform are its consequence and are held back while it fires.',
      impact: 'Uploads are refused with 503 and Retry-After; `/ready` fails. Nothing that has a receipt is lost.',
      look: [
        look.doctor,
        look.logs('upload', 'database|postgres|ECONNREFUSED'),
        {
          why: 'Whether its name and port can be reached at all:',
          run: 'kubectl -n "$NAMESPACE" exec "deploy/$NAME-upload" -- node -e \'const u = new URL(process.env.DB_WRITER_URL); require("net").connect(u.port || 5432, u.hostname).on("connect", () => (console.log("reached"), process.exit())).on("error", console.error)\'',
        },
      ],
      mitigation: [
        'Bring the server back, or fail over. The platform connects again by itself within DB_ACQUIRE_TIMEOUT; nothing has to be restarted.',
        'A rotated password: update the Secret; the operator replaces the pods that use it.',
        'A NetworkPolicy: `database.port` of the spec says which port pods may reach.',
      ],
      settings: ['databaseAcquireTimeout', 'databaseIdleTimeout'],
    },
  },
  {
    name: 'BundlerRedisDown',
    summary: 'The Redis of the role {{ $labels.role }} of {{ $labels.namespace }}/{{ $labels.config }} does not answer',
    description: 'No upload API gets an answer from it (redis_up is {{ $value }}).',
    team: 'platform',
    panel: ['stores', 'Redis answers'],
    rules: [
      {
        severity: 'critical',
        expr: max(byRole, gauge(metrics.redisUp)).equals(0),
        for: '1m',
        proof: {
          fires: [
            given(metrics.redisUp, { role: 'queue' }, steady(0)),
            given(metrics.redisUp, { role: 'queue', pod: 'upload-2' }, steady(0)),
          ],
          labels: { ...main, role: 'queue' },
          says: 'No upload API gets an answer from it (redis_up is 0).',
          silent: [
            [
              given(metrics.redisUp, { role: 'queue' }, steady(0)),
              given(metrics.redisUp, { role: 'queue', pod: 'upload-2' }, steady(1)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'All upload APIs agree that one of the two Redis servers is away. `queue` holds the jobs, `cache` the cached items, the rate limits and the marks of large uploads.',
      impact:
        '`queue`: uploads are accepted, and what follows acceptance waits until it is back; the re-driver then finds everything in PostgreSQL. `cache`: nobody is rate limited, reads go to the object store.',
      look: [look.doctor, look.metrics('^(redis_|queue_)'), look.logs('upload', 'redis|ECONNREFUSED')],
      mitigation: [
        'Bring it back. Even an empty one will do: Redis holds only what can be rebuilt.',
        'Jobs that went with it come again within REDRIVE_AFTER_MS.',
      ],
      settings: ['redriveInterval', 'redriveAfter'],
    },
  },
  {
    name: 'BundlerRedisMemoryHigh',
    inPlan: true,
    summary: 'The Redis of the role {{ $labels.role }} of {{ $labels.namespace }}/{{ $labels.config }} is nearly full',
    description: `It uses {{ $value | humanizePercentage }} of the memory that it may use; ${memoryUse * 100}% is the limit.`,
    team: 'platform',
    panel: ['stores', 'Redis memory'],
    rules: [
      {
        severity: 'critical',
        expr: memoryShare('queue'),
        for: '5m',
        proof: {
          fires: memory('queue', 851),
          labels: { ...main, role: 'queue' },
          says: 'It uses 85.1% of the memory that it may use; 85% is the limit.',
          silent: [memory('queue', 850), memory('cache', 900)],
        },
      },
      {
        severity: 'warning',
        expr: memoryShare('cache'),
        for: '5m',
        proof: {
          fires: memory('cache', 851),
          labels: { ...main, role: 'cache' },
          says: 'It uses 85.1% of the memory that it may use; 85% is the limit.',
          silent: [memory('cache', 850), memory('queue', 900)],
        },
      },
    ],
    runbook: {
      meaning:
        'A Redis with a memory limit comes near it. The cache may be full for long: it then gives up what was not read lately. The queue must not be: with `noeviction` it refuses jobs.',
      impact:
        '`queue`: when it is full no job can be added; uploads are accepted and wait for the re-driver. `cache`: more reads from the object store.',
      look: [look.metrics('^(redis_|queue_depth|cache_)'), look.status],
      mitigation: [
        '`queue`: see which queue is deep (BundlerQueueBacklog); give the server more memory.',
        '`cache`: lower MAX_CACHE_DATA_ITEM_SIZE or CACHE_DATA_ITEM_TTL_SECS, both are live, or give it more memory.',
      ],
      settings: ['cacheMaxItemSize', 'cacheItemThreshold', 'cacheTtl'],
    },
  },
  {
    name: 'BundlerRedisQueueEvicts',
    summary: 'The Redis with the queues of {{ $labels.namespace }}/{{ $labels.config }} throws keys away',
    description: '{{ $value | humanize }} keys in 5 minutes. It must be none: set its maxmemory-policy to noeviction.',
    team: 'platform',
    panel: ['stores', 'Redis evictions'],
    rules: [
      {
        severity: 'critical',
        expr: max(platform, increase(counter(metrics.redisEvictedKeys, { role: 'queue' }), '5m')).above(0),
        proof: {
          fires: [given(metrics.redisEvictedKeys, { role: 'queue' }, step(0, 5, 5))],
          from: 5,
          labels: main,
          says: '5 keys in 5 minutes. It must be none: set its maxmemory-policy to noeviction.',
          silent: [
            [
              given(metrics.redisEvictedKeys, { role: 'cache' }, growing(100)),
              given(metrics.redisEvictedKeys, { role: 'queue' }, steady(7)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning: 'The server that holds the jobs evicts keys: it is full, and configured as a cache.',
      impact: 'Jobs disappear. The re-driver adds them again from PostgreSQL, late.',
      look: [look.metrics('^redis_'), look.doctor],
      mitigation: [
        '`redis-cli CONFIG SET maxmemory-policy noeviction` on the server of the queues, and in its configuration. Give it more memory.',
      ],
      settings: ['redriveInterval'],
    },
  },
  {
    name: 'BundlerObjectStoreErrors',
    summary: 'The object store of {{ $labels.namespace }}/{{ $labels.config }} fails',
    description: `{{ $value | humanizePercentage }} of its operations fail; ${objectives.objectStore.errors * 100}% is the limit.`,
    team: 'platform',
    panel: ['stores', 'Object store errors'],
    rules: [
      {
        severity: 'critical',
        expr: share(
          sum(platform, rate(observed(metrics.objectStoreOperations, { outcome: 'error' }), '5m')),
          sum(platform, rate(observed(metrics.objectStoreOperations), '5m')),
        ).above(objectives.objectStore.errors),
        for: '1m',
        proof: {
          fires: [
            given(metrics.objectStoreOperations, { op: 'put', outcome: 'error' }, growing(6), '_count'),
            given(metrics.objectStoreOperations, { op: 'put', outcome: 'ok' }, growing(94), '_count'),
          ],
          from: 1,
          labels: main,
          says: '6% of its operations fail; 5% is the limit.',
          silent: [
            [
              given(metrics.objectStoreOperations, { op: 'put', outcome: 'error' }, growing(4), '_count'),
              given(metrics.objectStoreOperations, { op: 'put', outcome: 'ok' }, growing(96), '_count'),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning: 'More than one operation in twenty fails: the store is away, full, or refuses the credentials.',
      impact: 'Uploads answer 503: no receipt leaves before the bytes are durable. Bundles cannot be read.',
      look: [look.metrics('^object_store'), look.logs('upload', 'object store|S3|ENOSPC'), look.doctor],
      mitigation: [
        'Full or away: mend the store; senders come again by themselves, and jobs are tried again.',
        'Credentials: update the Secret of `objectStore.secretRef`; the operator replaces the pods that use it.',
      ],
      settings: ['s3Endpoint', 's3MaxSockets', 'objectStoreDirectory'],
    },
  },
];
