import type { Config } from '@bundler/contract';
import type { Logger, Metrics } from '@bundler/runtime';
import knex, { type Knex } from 'knex';
import pg from 'pg';

// byte counts and offsets stay below 2^53: read BIGINT as a number, not as text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export type { Knex } from 'knex';

type PoolConfig = Pick<
  Config,
  'databaseWriterUrl' | 'databaseReaderUrl' | 'databaseAcquireTimeout' | 'databaseIdleTimeout' | 'databaseReapInterval'
>;

export interface Database {
  /** For every write, and for reads that must see the latest write. */
  readonly writer: Knex;
  /** For status and offsets; the writer itself when no reader is configured. */
  readonly reader: Knex;
  check(): Promise<void>;
  close(): Promise<void>;
}

interface Tarn {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
  on(event: 'acquireRequest' | 'acquireSuccess' | 'acquireFail', listener: (request: number) => void): void;
}

/** A statement that runs longer than this is not one of ours working, milliseconds. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** How a process uses its pools. */
export interface PoolUse {
  /** Shown as `application_name` in `pg_stat_activity`. */
  readonly name: string;
  /** Connections that each pool keeps and may hold. */
  readonly min: number;
  readonly max: number;
  /** How long a query may go unanswered, milliseconds. */
  readonly queryTimeoutMs: number;
}

function openPool(url: string, config: PoolConfig, { name, min, max, queryTimeoutMs }: PoolUse, logger: Logger): Knex {
  return knex({
    client: 'pg',
    connection: {
      connectionString: url,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      // A server that has gone silent answers no statement_timeout either: only our own clock ends the wait.
      query_timeout: queryTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
      connectionTimeoutMillis: config.databaseAcquireTimeout,
      application_name: name,
    },
    pool: {
      min,
      max,
      acquireTimeoutMillis: config.databaseAcquireTimeout,
      createTimeoutMillis: config.databaseAcquireTimeout,
      idleTimeoutMillis: config.databaseIdleTimeout,
      reapIntervalMillis: config.databaseReapInterval,
      // A refused connection (a restarting server) must not fail every waiting request at once.
      propagateCreateError: false,
    } as Knex.PoolConfig,
    acquireConnectionTimeout: config.databaseAcquireTimeout,
    log: {
      warn: (message: unknown) => logger.warn({ detail: message }, 'database'),
      error: (message: unknown) => logger.error({ detail: message }, 'database'),
      deprecate: () => undefined,
      debug: () => undefined,
    },
  });
}

const tarn = (pool: Knex): Tarn => pool.client.pool as Tarn;

/** Opens the writer pool and, when a reader URL is set, a pool of its own for it. */
export function openDatabase(config: PoolConfig, use: PoolUse, logger: Logger, metrics: Metrics): Database {
  const writer = openPool(config.databaseWriterUrl, config, use, logger);
  const reader = config.databaseReaderUrl === '' ? writer : openPool(config.databaseReaderUrl, config, use, logger);
  const pools = reader === writer ? { writer } : { writer, reader };
  observe(pools, use.max, metrics);
  return {
    writer,
    reader,
    check: async () => {
      await writer.raw('select 1');
    },
    close: async () => {
      await Promise.all(Object.values(pools).map((pool) => pool.destroy()));
    },
  };
}

function observe(pools: Record<string, Knex>, max: number, metrics: Metrics): void {
  for (const [name, pool] of Object.entries(pools)) {
    tarn(pool).on('acquireFail', () => metrics.poolTimeouts.inc({ pool: name }));
    metrics.poolTimeouts.inc({ pool: name }, 0);
    metrics.poolMax.set({ pool: name }, max);
    measureWaits(name, tarn(pool), metrics);
  }
  const eachPool = (set: (name: string, pool: Tarn) => void) => () => {
    for (const [name, pool] of Object.entries(pools)) set(name, tarn(pool));
  };
  const collect = (gauge: object, set: (name: string, pool: Tarn) => void) => {
    Object.assign(gauge, { collect: eachPool(set) });
  };
  collect(metrics.poolSize, (name, pool) => metrics.poolSize.set({ pool: name }, pool.numUsed()));
  collect(metrics.poolFree, (name, pool) => metrics.poolFree.set({ pool: name }, pool.numFree()));
  collect(metrics.poolPending, (name, pool) => metrics.poolPending.set({ pool: name }, pool.numPendingAcquires()));
}

function measureWaits(name: string, pool: Tarn, metrics: Metrics): void {
  const asked = new Map<number, number>();
  const settled = (request: number): void => {
    const since = asked.get(request);
    if (since === undefined) return;
    asked.delete(request);
    metrics.poolAcquire.observe({ pool: name }, (performance.now() - since) / 1000);
  };
  pool.on('acquireRequest', (request) => void asked.set(request, performance.now()));
  pool.on('acquireSuccess', settled);
  pool.on('acquireFail', settled);
}
