import { join } from 'node:path';
import { dataPaths, type Options, portVariables } from '../config/options.ts';
import { type EmbeddedPostgres, type Progress, startPostgres, startRedis } from '../embedded/index.ts';
import { endLeftover } from '../embedded/process/pid-file.ts';
import { startGatewayProcess } from '../services/gateway.ts';
import { KeptService, type ServiceHandle } from '../services/kept-service.ts';
import type { Wallet } from '../services/wallet.ts';
import type { Clock } from '../supervisor/index.ts';

export interface BackingOptions {
  readonly options: Options;
  readonly wallet: Wallet;
  /** What lets the platform's services into each other. */
  readonly privateRouteSecret: string;
  /** Where fetched programs are kept. */
  readonly cacheDir: string;
  /** Addresses that were given, by variable: nothing is started for those. */
  readonly given: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly note: (line: string) => void;
  readonly onChange: () => void;
  /** Takes the lines that the service with this name writes. */
  readonly logOf: (name: string) => (line: string) => void;
}

/** Upload processes hold up to 50 connections each, twice as many while they roll, and workers one for each job. */
const MAX_CONNECTIONS = '500';
const DATABASE = 'bundler';
const PAYMENT_DATABASE = 'bundler_payment';
/** A million AR: a development network's bundler never runs dry. */
const ENDOWMENT_WINSTON = 10n ** 18n;

/** What the platform stands on, on this machine: PostgreSQL, two Redis and the development gateway. */
export class BackingServices {
  readonly services: readonly KeptService[];
  /** Values that the platform's processes get from here, by variable; complete once all have started. */
  readonly provided: Record<string, string>;
  readonly #around: BackingOptions;

  constructor(around: BackingOptions) {
    this.#around = around;
    this.provided = { PRIVATE_ROUTE_SECRET: around.privateRouteSecret };
    const { given } = around;
    this.services = [
      ...(given.DB_WRITER_URL && given.PAYMENT_DB_URL
        ? []
        : [this.#kept('postgres', (progress) => this.#postgres(progress))]),
      ...(given.REDIS_QUEUE_URL ? [] : [this.#kept('redis-queue', (progress) => this.#redis('queue', progress))]),
      ...(given.REDIS_CACHE_URL ? [] : [this.#kept('redis-cache', (progress) => this.#redis('cache', progress))]),
      this.#kept('gateway', () => this.#gateway()),
    ];
  }

  /** Starts all at once. Rejects with the first failure, named. */
  async start(): Promise<void> {
    await Promise.all(
      this.services.map((service) =>
        service.start().catch((error: Error) => {
          throw new Error(error.message, { cause: service.status().name });
        }),
      ),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop()));
  }

  #kept(name: string, start: (progress: Progress) => Promise<ServiceHandle>): KeptService {
    const service: KeptService = new KeptService({
      ...this.#around,
      name,
      start: () => start((step) => service.progress(step)),
    });
    return service;
  }

  async #postgres(progress: Progress): Promise<EmbeddedPostgres> {
    const { options, logOf } = this.#around;
    const postgres = await startPostgres({
      dataDir: dataPaths(options.dataDir).postgres,
      port: options.ports.postgres,
      portSetting: portVariables.postgres.variable,
      databases: [DATABASE, PAYMENT_DATABASE],
      settings: { max_connections: MAX_CONNECTIONS },
      log: logOf('postgres'),
      progress,
    });
    this.provided.DB_WRITER_URL = postgres.url(DATABASE);
    this.provided.PAYMENT_DB_URL = postgres.url(PAYMENT_DATABASE);
    return postgres;
  }

  async #redis(role: 'queue' | 'cache', progress: Progress): Promise<ServiceHandle> {
    const { options, cacheDir, logOf } = this.#around;
    const [place, variable] =
      role === 'queue' ? (['redisQueue', 'REDIS_QUEUE_URL'] as const) : (['redisCache', 'REDIS_CACHE_URL'] as const);
    const redis = await startRedis({
      role,
      dataDir: dataPaths(options.dataDir)[place],
      port: options.ports[place],
      portSetting: portVariables[place].variable,
      cacheDir,
      log: logOf(`redis-${role}`),
      progress,
    });
    this.provided[variable] = redis.url;
    return redis;
  }

  async #gateway(): Promise<ServiceHandle> {
    const { options, wallet, logOf } = this.#around;
    const paths = dataPaths(options.dataDir);
    const pidFile = join(paths.run, 'gateway.pid');
    await endLeftover(pidFile, 'the Arweave gateway', [{ signal: 'SIGTERM', waitMs: 10_000 }]);
    return startGatewayProcess({
      root: options.root,
      dataDir: paths.gateway,
      pidFile,
      port: options.ports.gateway,
      portVariable: portVariables.gateway.variable,
      blockIntervalMs: options.blockIntervalMs,
      mint: { address: wallet.address, winston: ENDOWMENT_WINSTON },
      log: logOf('gateway'),
    });
  }
}
