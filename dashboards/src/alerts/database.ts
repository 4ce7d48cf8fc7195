import { metrics, objectives, operatorMetrics } from '@bundler/contract';
import { buckets, counter, gauge, increase, matchesNot, platform, quantile, sum } from '../promql/index.ts';
import { type Alert, given, growing, look, steady } from './define.ts';

const { poolUse, acquireP99Seconds, acquireTimeoutsIn5m, connectionBudget } = objectives.database;
const pool = [...platform, 'pod', 'pool'] as const;
/** A worker's pool is as large as its jobs are many: full is how it should be under load. */
const services = { component: matchesNot('workers.*') };
const worker = { pool: 'writer', component: 'workers-plan' };
const perDatabase = ['namespace', 'name', 'database'] as const;
const leader = { namespace: 'bundler', name: 'main', config: '', component: 'operator', pod: 'operator-1' };
/** What the operator tells of a database; without a limit where nobody has said one. */
const budgetOf = (database: string, budget: number, limit?: number) => [
  given(operatorMetrics.connectionsBudget, { ...leader, database }, steady(budget)),
  ...(limit === undefined ? [] : [given(operatorMetrics.connectionsLimit, { ...leader, database }, steady(limit))]),
];

/** Connections to PostgreSQL. */
export const databaseAlerts: readonly Alert[] = [
  {
    name: 'BundlerDbPoolNearExhaustion',
    inPlan: true,
    summary: 'The {{ $labels.pool }} pool of {{ $labels.pod }} is nearly exhausted',
    description: `{{ $value | humanizePercentage }} of its database connections are in use, and ${poolUse * 100}% is the limit: beyond 100% requests wait.`,
    team: 'bundler',
    panel: ['stores', 'Connections in use'],
    rules: [
      {
        severity: 'critical',
        expr: sum(pool, gauge(metrics.poolSize, services))
          .over(sum(pool, gauge(metrics.poolMax, services)))
          .above(poolUse),
        for: '1m',
        proof: {
          fires: [
            given(metrics.poolSize, { pool: 'writer' }, steady(46)),
            given(metrics.poolMax, { pool: 'writer' }, steady(50)),
          ],
          labels: { namespace: 'bundler', config: 'main', pod: 'upload-1', pool: 'writer' },
          says: '92% of its database connections are in use, and 90% is the limit: beyond 100% requests wait.',
          silent: [
            [
              given(metrics.poolSize, { pool: 'writer' }, steady(45)),
              given(metrics.poolMax, { pool: 'writer' }, steady(50)),
            ],
            [given(metrics.poolSize, worker, steady(8)), given(metrics.poolMax, worker, steady(8))],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'One process uses more than nine tenths of the connections that it may hold: 45 of 50 with the default. The gauge is what is in use, not what is open. Workers are left out: their pools are as large as their jobs are many, and full of work is how they should be; BundlerDbPoolWaiting tells when they wait.',
      impact: `Requests that find no free connection wait, at most DB_ACQUIRE_TIMEOUT, and then fail. Uploads answer 503 before that when it is only a moment.`,
      look: [look.budget, look.metrics('^db_pool'), look.logs('upload', 'database|acquire|slow')],
      mitigation: [
        'See whether PostgreSQL is slow (locks, I/O, a long transaction): then connections are held longer than they should be, and more of them make it worse.',
        'Else raise the pool, if the server has room: `kubectl bundler plan "$NAME" -n "$NAMESPACE" --set database.pool.max=80` says whether it has, and `kubectl edit bundlerconfig` does it.',
        'More upload APIs share the load over more pools, within the same budget of connections.',
      ],
      settings: ['databasePoolMax', 'databaseAcquireTimeout', 'groupConcurrency'],
    },
  },
  {
    name: 'BundlerDbPoolWaiting',
    summary: 'Requests of {{ $labels.pod }} wait for database connections ({{ $labels.pool }})',
    description: `The 99th percentile of the waits is {{ $value | humanizeDuration }}, above ${acquireP99Seconds}s, and requests are waiting now.`,
    team: 'bundler',
    panel: ['stores', 'Waits for a connection'],
    rules: [
      {
        severity: 'warning',
        expr: quantile(0.99, pool, buckets(metrics.poolAcquire), '5m')
          .above(acquireP99Seconds)
          .and(sum(pool, gauge(metrics.poolPending)).above(0)),
        for: '5m',
        proof: {
          fires: [
            given(metrics.poolPending, { pool: 'writer' }, steady(1)),
            given(metrics.poolAcquire, { pool: 'writer', le: '1' }, growing(98.9), '_bucket'),
            given(metrics.poolAcquire, { pool: 'writer', le: '5' }, growing(100), '_bucket'),
            given(metrics.poolAcquire, { pool: 'writer', le: '+Inf' }, growing(100), '_bucket'),
          ],
          from: 1,
          labels: { namespace: 'bundler', config: 'main', pod: 'upload-1', pool: 'writer' },
          says: 'The 99th percentile of the waits is 1.364s, above 1s, and requests are waiting now.',
          silent: [
            [
              given(metrics.poolPending, { pool: 'writer' }, steady(1)),
              given(metrics.poolAcquire, { pool: 'writer', le: '0.5' }, growing(98), '_bucket'),
              given(metrics.poolAcquire, { pool: 'writer', le: '1' }, growing(99), '_bucket'),
              given(metrics.poolAcquire, { pool: 'writer', le: '5' }, growing(100), '_bucket'),
              given(metrics.poolAcquire, { pool: 'writer', le: '+Inf' }, growing(100), '_bucket'),
            ],
            [
              given(metrics.poolPending, { pool: 'writer' }, steady(0)),
              given(metrics.poolAcquire, { pool: 'writer', le: '1' }, growing(98), '_bucket'),
              given(metrics.poolAcquire, { pool: 'writer', le: '5' }, growing(100), '_bucket'),
              given(metrics.poolAcquire, { pool: 'writer', le: '+Inf' }, growing(100), '_bucket'),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'A pool has been too small, or its connections too slow to come back, for five minutes: one request in a hundred waited longer than a second.',
      impact: 'Uploads and jobs are slower by that wait. Near DB_ACQUIRE_TIMEOUT they fail.',
      look: [look.metrics('^db_pool'), look.budget, look.logs('upload', 'database')],
      mitigation: [
        'A slow server comes first: look for locks and long transactions in `pg_stat_activity` before adding connections.',
        'Then raise the pool or the number of processes within the budget.',
      ],
      settings: ['databasePoolMax', 'databasePoolMin', 'databaseIdleTimeout'],
    },
  },
  {
    name: 'BundlerDbAcquireTimeouts',
    summary:
      'Requests of {{ $labels.component }} got no database connection in {{ $labels.namespace }}/{{ $labels.config }}',
    description: `{{ $value | humanize }} requests waited in vain in the last 5 minutes; more than ${acquireTimeoutsIn5m} is too many.`,
    team: 'bundler',
    panel: ['stores', 'Waits in vain'],
    rules: [
      {
        severity: 'critical',
        expr: sum([...platform, 'component'], increase(counter(metrics.poolTimeouts), '5m')).above(acquireTimeoutsIn5m),
        proof: {
          fires: [given(metrics.poolTimeouts, { pool: 'writer' }, growing(1))],
          from: 4,
          labels: { namespace: 'bundler', config: 'main', component: 'upload' },
          says: '4 requests waited in vain in the last 5 minutes; more than 3 is too many.',
          silent: [[given(metrics.poolTimeouts, { pool: 'writer' }, '0+0x5 3+0x240')]],
        },
      },
    ],
    runbook: {
      meaning:
        'Requests or jobs waited as long as DB_ACQUIRE_TIMEOUT allows and got no connection: the pool is exhausted, or the server takes no connections.',
      impact: 'Those requests failed. Uploads were answered with 503 and Retry-After; jobs are tried again.',
      look: [look.metrics('^db_pool'), look.logs('upload', 'database|acquire'), look.status],
      mitigation: [
        'If BundlerPostgresDown fires too, the server is away: mend that first.',
        'If the pool stands at its limit, do what the runbook of BundlerDbPoolNearExhaustion says.',
        'If it does not, the server refuses connections: compare `max_connections` with `kubectl bundler budget`.',
      ],
      settings: ['databaseAcquireTimeout', 'databasePoolMax'],
    },
  },
  {
    name: 'BundlerDbConnectionsOvercommitted',
    summary:
      'The pods of {{ $labels.namespace }}/{{ $labels.name }} could take nearly all connections to the {{ $labels.database }} database',
    description: `Together they could hold {{ $value | humanizePercentage }} of the connections that its server has for them; ${connectionBudget * 100}% is the limit.`,
    team: 'platform',
    panel: ['stores', 'Connection budget'],
    rules: [
      {
        severity: 'warning',
        expr: sum(perDatabase, gauge(operatorMetrics.connectionsBudget))
          .over(sum(perDatabase, gauge(operatorMetrics.connectionsLimit)))
          .above(connectionBudget),
        for: '10m',
        proof: {
          // Together they are far from the limit: each database is held to its own.
          fires: [...budgetOf('upload', 300, 500), ...budgetOf('payment', 91, 100)],
          labels: { namespace: 'bundler', name: 'main', database: 'payment' },
          says: 'Together they could hold 91% of the connections that its server has for them; 90% is the limit.',
          silent: [
            [...budgetOf('upload', 450, 500), ...budgetOf('payment', 90, 100)],
            // Nobody says what there is for the payment database: its connections count against no other.
            [...budgetOf('upload', 450, 500), ...budgetOf('payment', 62)],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'The sum over all parts of (most pods, and one more during a rollout) times (pool) comes near what `database.maxConnections` leaves, or that of the payment service near `payment.database.maxConnections`; the label `database` says which. While the latter is 0, nobody knows the limit of the payment database, and the panel alone shows what could be held. It is arithmetic, not a measurement: nothing has failed yet.',
      impact: 'When everything scales up at once, or somebody else uses the same server, pods get no connections.',
      look: [look.budget, look.status],
      mitigation: [
        'Lower `scaling.maxReplicas` of queues that do not need it, or the pool of the API. For the payment database: `payment.replicas` or `payment.database.poolMax`.',
        'Or raise `max_connections` of the server and `database.maxConnections` together; for the payment database `payment.database.maxConnections`.',
      ],
      settings: ['databasePoolMax', 'paymentDatabasePoolMax'],
    },
  },
];
