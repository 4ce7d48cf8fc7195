import { metrics, objectives, operatorMetrics } from '@bundler/contract';
import {
  buckets,
  constant,
  counter,
  gauge,
  increase,
  isNot,
  max,
  min,
  observed,
  quantile,
  rate,
  share,
  sum,
} from '../promql/index.ts';
import { type Board, configs, fitted, line, logsRow, pods, scope, states, timeseries } from './define.ts';

const { database, redis, objectStore } = objectives;
const pool = ['pod', 'pool'] as const;
/** The payment service alone has connections to its database, and none to that of all others. */
const payment = { ...scope, component: 'payment' };
const upload = { ...scope, component: isNot('payment') };
const perDatabase = ['name', 'database'] as const;

export const stores: Board = {
  name: 'stores',
  title: 'Bundler / Data stores',
  description: 'PostgreSQL, Redis and the object store, as those who use them see them.',
  rows: [
    {
      title: 'PostgreSQL',
      panels: [
        timeseries({
          title: 'Connections in use',
          description:
            'Of those that the pool may hold, by process. Good is below 90%: 45 of 50. DB_POOL_MAX moves it.',
          unit: 'percentunit',
          max: 1,
          limits: [{ value: database.poolUse, colour: 'red' }],
          queries: [
            line(
              sum(pool, gauge(metrics.poolSize, pods)).over(sum(pool, gauge(metrics.poolMax, pods))),
              '{{pod}} {{pool}}',
            ),
          ],
        }),
        timeseries({
          title: 'Connections',
          description:
            'In use, open and unused, and how many there may be, of all processes. Those to the payment database are lines of their own.',
          unit: 'short',
          queries: [
            line(sum(['pool'], gauge(metrics.poolSize, upload)), '{{pool}} in use'),
            line(sum(['pool'], gauge(metrics.poolFree, upload)), '{{pool}} unused'),
            line(sum(['pool'], gauge(metrics.poolMax, upload)), '{{pool}} at most'),
            line(sum([], gauge(metrics.poolSize, payment)), 'payment in use'),
            line(sum([], gauge(metrics.poolFree, payment)), 'payment unused'),
            line(sum([], gauge(metrics.poolMax, payment)), 'payment at most'),
          ],
        }),
        timeseries({
          title: 'Waits for a connection',
          description:
            '99th percentile by pool, and requests that wait now. Good is milliseconds and 0; the line is a second.',
          unit: 's',
          limits: [{ value: database.acquireP99Seconds, colour: 'red' }],
          queries: [line(quantile(0.99, pool, buckets(metrics.poolAcquire, pods), fitted), '{{pod}} {{pool}}')],
        }),
        timeseries({
          title: 'Requests that wait',
          description: 'For a connection, now, by process. Good is 0.',
          unit: 'short',
          queries: [line(sum(pool, gauge(metrics.poolPending, pods)), '{{pod}} {{pool}}')],
        }),
        timeseries({
          title: 'Waits in vain',
          description:
            'Requests that got no connection within DB_ACQUIRE_TIMEOUT, in 5 minutes, by part. Good is 0; the line is where it becomes an alert.',
          unit: 'short',
          limits: [{ value: database.acquireTimeoutsIn5m, colour: 'red' }],
          queries: [
            line(
              sum(['component', 'pool'], increase(counter(metrics.poolTimeouts, scope), '5m')),
              '{{component}} {{pool}}',
            ),
          ],
        }),
        timeseries({
          title: 'Connection budget',
          description:
            'What all pods of a BundlerConfig together could hold of each database, and what its server has for them; of the payment database as far as payment.database.maxConnections says it. Good is below 90%. The limits in the spec and the pools move it.',
          unit: 'short',
          queries: [
            line(
              max(perDatabase, gauge(operatorMetrics.connectionsBudget, configs)),
              '{{name}} {{database}} could hold',
            ),
            line(max(perDatabase, gauge(operatorMetrics.connectionsLimit, configs)), '{{name}} {{database}} has'),
          ],
          needs: 'the operator, which one machine has not',
        }),
      ],
    },
    {
      title: 'Redis',
      panels: [
        states({
          title: 'Redis answers',
          description: 'By role, as every API sees it. Good is yes.',
          unit: 'none',
          states: { 0: ['no', 'red'], 1: ['yes', 'green'] },
          queries: [line(min(['role'], gauge(metrics.redisUp, scope)), '{{role}}')],
        }),
        timeseries({
          title: 'Redis memory',
          description:
            'Of what each may use. Good is below 85%; the cache may stand there, the queue must not. Without a limit there is no share.',
          unit: 'percentunit',
          width: 12,
          max: 1,
          limits: [{ value: redis.memoryUse, colour: 'red' }],
          queries: [
            line(
              share(
                max(['role'], gauge(metrics.redisMemoryUsed, scope)),
                max(['role'], gauge(metrics.redisMemoryMax, scope)),
              ),
              '{{role}}',
            ),
          ],
          needs: 'a Redis with a memory limit',
        }),
        timeseries({
          title: 'Redis memory used',
          description: 'Bytes, by role. Good is flat in the queue; the cache fills up to its limit.',
          unit: 'bytes',
          queries: [line(max(['role'], gauge(metrics.redisMemoryUsed, scope)), '{{role}}')],
        }),
        timeseries({
          title: 'Redis evictions',
          description:
            'Keys given up for want of memory in 5 minutes. Good is 0 in the queue; in the cache it means that the memory is used.',
          unit: 'short',
          queries: [line(max(['role'], increase(counter(metrics.redisEvictedKeys, scope), '5m')), '{{role}}')],
        }),
        timeseries({
          title: 'Cache',
          description:
            'Reads and fills of cached objects a second by result, and objects too large for it. MAX_CACHE_DATA_ITEM_SIZE and CACHE_DATA_ITEM_TTL_SECS move it.',
          unit: 'ops',
          queries: [
            line(sum(['op', 'result'], rate(counter(metrics.cacheOperations, scope), fitted)), '{{op}} {{result}}'),
            line(sum(['reason'], rate(counter(metrics.cacheSkipped, scope), fitted)), 'skipped: {{reason}}'),
          ],
        }),
      ],
    },
    {
      title: 'Object store',
      panels: [
        timeseries({
          title: 'Object store operations',
          description: 'A second, by operation and outcome.',
          unit: 'ops',
          queries: [
            line(
              sum(['op', 'outcome'], rate(observed(metrics.objectStoreOperations, scope), fitted)),
              '{{op}} {{outcome}}',
            ),
          ],
        }),
        timeseries({
          title: 'Object store latency',
          description:
            '95th percentile by operation; of a read until its first bytes. Good is well below a second for put.',
          unit: 's',
          queries: [line(quantile(0.95, ['op'], buckets(metrics.objectStoreOperations, scope), fitted), '{{op}}')],
        }),
        timeseries({
          title: 'Object store errors',
          description: 'Share of operations that fail. Good is 0; the line is where it becomes an alert.',
          unit: 'percentunit',
          limits: [{ value: objectStore.errors, colour: 'red' }],
          queries: [
            line(
              // What never happened has no series, so that its share is what is left of the rest.
              constant(1).minus(
                share(
                  sum([], rate(observed(metrics.objectStoreOperations, { ...scope, outcome: 'ok' }), fitted)),
                  sum([], rate(observed(metrics.objectStoreOperations, scope), fitted)),
                ),
              ),
              'errors',
            ),
          ],
        }),
      ],
    },
    logsRow("the stores' users"),
  ],
};
