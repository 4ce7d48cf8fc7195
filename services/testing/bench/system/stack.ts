import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArweaveJwk } from '@bundler/ans104';
import { paymentMigrations } from '@bundler/payment';
import { freePort } from '@bundler/standalone/embedded';
import { openTestDatabase } from '../../src/database.ts';
import { type Backends, type OnStop, startBackends } from './backends.ts';
import type { ProcessGroups } from './cpu.ts';
import { Rows } from './rows.ts';
import { type Service, startService } from './service.ts';

export interface StackOptions {
  /** The wallet that signs receipts and bundles. */
  readonly jwk: ArweaveJwk;
  /** Processes of the upload API, each on a port of its own. */
  readonly apis: number;
  /** Processes that serve all queues. */
  readonly workers: number;
  /** With a payment service that the others ask; none, if nothing is said. */
  readonly payment?: boolean;
  /** Settings of all processes. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A whole platform on this machine for one part of the bench, every server and process its own. */
export interface Stack {
  readonly backends: Backends;
  readonly rows: Rows;
  readonly apis: readonly Service[];
  /** URLs that items are uploaded to. */
  readonly uploadUrls: readonly string[];
  /** The processes by what they are, those that are started later included. */
  groups(): ProcessGroups;
  /** Starts a worker process that serves the queues (all, or names separated by commas). */
  startWorker(queues: string, env?: Readonly<Record<string, string>>): Promise<Service>;
}

/** The platform's own settings that a bench changes: all items are free, nobody is limited, little time is waited. */
const SETTINGS = {
  FREE_UPLOAD_LIMIT: String(1024 ** 4),
  RATE_LIMIT_ENABLED: 'false',
  OVERDUE_DATA_ITEM_THRESHOLD_MS: '1000',
  PLAN_INTERVAL_MS: '500',
};

const open = new Set<() => Promise<void>>();

/** Ends every platform that still runs, for a bench that is interrupted. */
export async function stopAllStacks(): Promise<void> {
  await Promise.all([...open].map((stop) => stop()));
}

/** Runs some work on a platform of its own, then ends it and deletes all it kept. */
export async function withStack<Result>(
  options: StackOptions,
  work: (stack: Stack) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'bundler-bench-'));
  const closing: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      for (const close of closing.reverse()) await close();
    })();
    return stopping;
  };
  open.add(stop);
  try {
    return await work(await start(options, directory, (close) => closing.push(close)));
  } finally {
    await stop();
    open.delete(stop);
  }
}

async function start(options: StackOptions, directory: string, onStop: OnStop): Promise<Stack> {
  const backends = await startBackends(directory, options.jwk, onStop);
  const rows = await Rows.open(backends.databaseUrl);
  onStop(() => rows.close());
  const started = { upload: [] as Service[], workers: [] as Service[], payment: [] as Service[] };
  const paymentPort = await freePort();
  const paymentEnv = options.payment ? paymentSettings(backends, paymentPort) : {};
  const ports = { upload: freePort, workers: () => 0, payment: () => paymentPort };
  const startOne = async (role: keyof typeof started, args: string[], env: object): Promise<Service> => {
    const [port, adminPort] = [await ports[role](), await freePort()];
    const traced = options.env?.TRACING_ENABLED === 'true' && role !== 'payment';
    const service = await startService({
      name: `${role} ${started[role].length + 1}`,
      command: [...(traced ? ['--import', '@bundler/tracing/preload'] : []), `services/${role}/src/main.ts`, ...args],
      env: {
        ...backends.env,
        ...SETTINGS,
        ...paymentEnv,
        ...options.env,
        ...env,
        ADMIN_PORT: String(adminPort),
        ...(role === 'upload' ? { UPLOAD_SERVICE_PORT: String(port) } : {}),
      },
      port,
      adminPort,
      readyPath: '/ready',
      logFile: join(directory, 'log'),
    });
    started[role].push(service);
    onStop(() => service.stop());
    return service;
  };
  if (options.payment) {
    await (await openTestDatabase(backends.paymentDatabaseUrl, 2, paymentMigrations)).close();
    await startOne('payment', [], {});
  }
  for (let index = 0; index < options.apis; index += 1) await startOne('upload', [], {});
  for (let index = 0; index < options.workers; index += 1) await startOne('workers', ['--queues', 'all'], {});
  return {
    backends,
    rows,
    apis: started.upload,
    uploadUrls: started.upload.map(({ url }) => url),
    groups: () => ({
      API: started.upload.map(({ pid }) => pid),
      workers: started.workers.map(({ pid }) => pid),
      ...(options.payment ? { payment: started.payment.map(({ pid }) => pid) } : {}),
      PostgreSQL: [backends.postgres.pid],
      Redis: backends.redis.map(({ pid }) => pid),
      gateway: [backends.gateway.pid],
    }),
    startWorker: (queues, env = {}) => startOne('workers', ['--queues', queues], env),
  };
}

function paymentSettings({ paymentDatabaseUrl }: Backends, port: number): Record<string, string> {
  return {
    PAYMENT_DB_URL: paymentDatabaseUrl,
    PAYMENT_SERVICE_PORT: String(port),
    PAYMENT_SERVICE_URL: `http://127.0.0.1:${port}`,
    PRIVATE_ROUTE_SECRET: randomBytes(32).toString('hex'),
  };
}
