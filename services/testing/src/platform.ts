import { randomBytes } from 'node:crypto';
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundlerClient } from '@bundler/client';
import { type Gateway, startGateway } from '@bundler/gateway';
import { paymentMigrations } from '@bundler/payment';
import { freePort } from '@bundler/standalone/embedded';
import { createDatabase, openTestDatabase, type TestDatabase } from './database.ts';
import { type OwnServers, startOwnServers } from './own-servers.ts';
import { Restartable } from './restartable.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import { addressOf, testWallet } from './wallet.ts';

const entryPoints = {
  upload: 'services/upload/src/main.ts',
  workers: 'services/workers/src/main.ts',
  admin: 'services/admin/src/main.ts',
  payment: 'services/payment/src/main.ts',
};
export type Role = keyof typeof entryPoints;

/** Something that a test may kill. */
export interface Victim {
  readonly name: string;
  /** False while it is being started again. */
  readonly alive: boolean;
  /** kill -9, then a start at the same address; resolves when it is ready again. */
  crash(): Promise<void>;
}

/** One process of the platform. */
export interface PlatformProcess extends Victim {
  readonly role: Role;
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  /** kill -9 for good; resolves when it is gone. */
  kill9(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface PlatformOptions {
  /** Environment variables for all processes, over what tests need. */
  readonly env?: Record<string, string>;
  readonly apis?: number;
  readonly workers?: number;
  /** A payment service that the others ask, with a database of its own; none, if nothing is said. */
  readonly payment?: boolean;
  /** Milliseconds between blocks; 0 means mined by the test. */
  readonly blockIntervalMs?: number;
  /** How long a process may take to become ready, milliseconds, where many start at once. */
  readonly readyTimeoutMs?: number;
  /** A PostgreSQL server that only this platform uses, so that it may be killed. */
  readonly ownPostgres?: boolean;
}

/** What makes the pipeline quick enough for tests. */
const QUICK = {
  OVERDUE_DATA_ITEM_THRESHOLD_MS: '200',
  PLAN_INTERVAL_MS: '100',
  VERIFY_INTERVAL_MS: '200',
  REDRIVE_INTERVAL_MS: '500',
  REDRIVE_AFTER_MS: '2000',
  SHUTDOWN_ANNOUNCE_MS: '0',
  DB_POOL_MIN: '0',
  // Test files share the cores: uploads are not to be shed because another file's are being signed.
  UPLOAD_MAX_SIGNING_WAIT_MS: '60000',
  // One address sends what in the world comes from hundreds.
  RATE_LIMIT_ENABLED: 'false',
};
const FUNDS = 10n ** 18n;

interface Parts {
  readonly gateway: Gateway;
  readonly servers: OwnServers;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: WriteStream;
  readonly readyTimeoutMs: number | undefined;
  readonly paymentDatabase: TestDatabase | undefined;
}

/** A whole platform of real processes and servers, with a database and a gateway of its own. */
export class Platform {
  readonly gateway: Gateway;
  readonly servers: OwnServers;
  /** Where the objects are, unless `OBJECT_STORE_DIR` or `OBJECT_STORE` says otherwise. */
  readonly objectsDirectory: string;
  readonly #parts: Parts;
  readonly #kept = new Map<PlatformProcess, Restartable<ServiceProcess>>();

  private constructor(parts: Parts) {
    this.gateway = parts.gateway;
    this.servers = parts.servers;
    this.objectsDirectory = parts.env.OBJECT_STORE_DIR!;
    this.#parts = parts;
  }

  static async start(options: PlatformOptions = {}): Promise<Platform> {
    const directory = await mkdtemp(join(tmpdir(), 'bundler-platform-'));
    const [servers, gateway] = await Promise.all([
      startOwnServers(directory, options.ownPostgres ?? false),
      startGateway({ dataDir: join(directory, 'gateway'), blockIntervalMs: options.blockIntervalMs ?? 100 }),
    ]);
    await (await openTestDatabase(servers.database.url)).close();
    const paymentDatabase = options.payment ? await createPaymentDatabase(servers) : undefined;
    const paymentPort = String(await freePort());
    const walletFile = join(directory, 'wallet.json');
    const jwk = await testWallet();
    await writeFile(walletFile, JSON.stringify(jwk));
    gateway.mint(addressOf(jwk), FUNDS);
    gateway.mine();
    const log = createWriteStream(process.env.TEST_PLATFORM_LOG ?? join(directory, 'log'), { flags: 'a' });
    const env = {
      ...environment(directory, servers, gateway),
      ...(paymentDatabase ? paymentEnvironment(paymentDatabase, paymentPort) : {}),
      ARWEAVE_WALLET_FILE: walletFile,
      ...options.env,
    };
    const platform = new Platform({
      gateway,
      servers,
      directory,
      log,
      env,
      paymentDatabase,
      readyTimeoutMs: options.readyTimeoutMs,
    });
    const roles: Role[] = [
      ...Array.from({ length: options.apis ?? 1 }, () => 'upload' as const),
      ...Array.from({ length: options.workers ?? 1 }, () => 'workers' as const),
      ...(paymentDatabase ? (['payment'] as const) : []),
    ];
    const starts = await Promise.allSettled(roles.map((role) => platform.startProcess(role)));
    const failed = starts.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
    if (failed === undefined) return platform;
    // Servers that stay behind would keep the test run from ending.
    await platform.stop();
    throw failed.reason;
  }

  get database(): TestDatabase {
    return this.servers.database;
  }

  /** The payment service's own database. */
  get paymentDatabase(): TestDatabase {
    const { paymentDatabase } = this.#parts;
    if (!paymentDatabase) throw new Error('this platform was started without a payment service');
    return paymentDatabase;
  }

  get processes(): readonly PlatformProcess[] {
    return [...this.#kept.keys()];
  }

  /** The processes of one role. */
  of(role: Role): readonly PlatformProcess[] {
    return this.processes.filter((running) => running.role === role);
  }

  /** Names of the processes and servers that ended although nobody told them to, then the last words of any process. */
  get endedByThemselves(): string[] {
    const { queue, cache, postgres } = this.servers;
    const all = [...this.#kept.values(), queue, cache, ...(postgres ? [postgres] : [])];
    const ended = all.filter((kept) => kept.endedByItself).map(({ name }) => name);
    return ended.length > 0 ? [...ended, ...lastWords(String(this.#parts.log.path))] : [];
  }

  /** What all processes have logged, line by line. */
  get logLines(): string[] {
    return readFileSync(String(this.#parts.log.path), 'utf8').split('\n');
  }

  client(api = 0): BundlerClient {
    return new BundlerClient({ uploadUrl: this.of('upload')[api]!.url, gatewayUrl: this.gateway.url });
  }

  /** Starts one more process and waits until it is ready. `env` goes over the platform's. */
  async startProcess(role: Role, env: Readonly<Record<string, string>> = {}): Promise<PlatformProcess> {
    const [servicePort, adminPort] = [await freePort(), await freePort()];
    const adminUrl = `http://127.0.0.1:${adminPort}`;
    // The others know the payment service by the one port that it has from the beginning.
    const paymentPort = Number(this.#parts.env.PAYMENT_SERVICE_PORT);
    const port = role === 'payment' ? paymentPort : servicePort;
    const ports = {
      UPLOAD_SERVICE_PORT: String(servicePort),
      ADMIN_SERVICE_PORT: String(servicePort),
      ADMIN_PORT: String(adminPort),
    };
    const kept = await Restartable.start(role, () =>
      startService({
        entryPoint: entryPoints[role],
        env: { ...this.#parts.env, ...env, ...ports },
        adminUrl,
        readyTimeoutMs: this.#parts.readyTimeoutMs,
        preloads: { ...this.#parts.env, ...env }.TRACING_ENABLED === 'true' ? ['@bundler/tracing/preload'] : [],
        log: this.#parts.log,
      }),
    );
    const started: PlatformProcess = {
      name: role,
      role,
      url: `http://127.0.0.1:${port}`,
      adminUrl,
      get pid() {
        return kept.running.pid;
      },
      get alive() {
        return kept.alive;
      },
      crash: () => kept.crash(),
      kill9: async () => {
        this.#kept.delete(started);
        await kept.end((running) => {
          running.kill9();
          return running.exited;
        });
      },
      stop: () => {
        this.#kept.delete(started);
        return kept.end((running) => running.stop());
      },
    };
    this.#kept.set(started, kept);
    return started;
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((running) => running.kill9()));
    await this.gateway.close();
    // With its server, where that is the platform's own.
    if (!this.servers.postgres) await this.#parts.paymentDatabase?.drop();
    await this.servers.stop();
    this.#parts.log.end();
    await rm(this.#parts.directory, { recursive: true, force: true });
  }
}

/** What processes said that ended with an error: pino's level `fatal`, and what Node writes when it could not come to that. */
function lastWords(logFile: string): string[] {
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"level":60') || /^\w*Error\b/.test(line));
}

/** On the platform's own server, where it has one, so that both are killed together. */
async function createPaymentDatabase({ database, postgres }: OwnServers): Promise<TestDatabase> {
  const created = await createDatabase(postgres ? database.url : undefined);
  await (await openTestDatabase(created.url, 5, paymentMigrations)).close();
  return created;
}

function paymentEnvironment(database: TestDatabase, port: string): Record<string, string> {
  return {
    PAYMENT_DB_URL: database.url,
    PAYMENT_SERVICE_PORT: port,
    PAYMENT_SERVICE_URL: `http://127.0.0.1:${port}`,
    PRIVATE_ROUTE_SECRET: randomBytes(32).toString('hex'),
  };
}

function environment(directory: string, servers: OwnServers, gateway: Gateway): Record<string, string> {
  return {
    PATH: process.env.PATH!,
    BIND_ADDRESS: '127.0.0.1',
    DB_WRITER_URL: servers.database.url,
    REDIS_QUEUE_URL: servers.queue.running.url,
    REDIS_CACHE_URL: servers.cache.running.url,
    OBJECT_STORE: 'fs',
    OBJECT_STORE_DIR: join(directory, 'objects'),
    ARWEAVE_GATEWAY: gateway.url,
    UV_THREADPOOL_SIZE: '8',
    ...QUICK,
  };
}
