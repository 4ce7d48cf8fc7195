import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@bundler/standalone/embedded';
import { createDatabase, type TestDatabase } from './database.ts';
import { REDIS_URL } from './global-setup.ts';
import { PaymentLedger } from './payment-ledger.ts';
import { Restartable } from './restartable.ts';
import { type ServiceProcess, startService } from './service-process.ts';

/** A payment service alone, as a process of its own with a database of its own. */
export class PaymentProcess {
  readonly url: string;
  /** With which others let themselves in. */
  readonly secret: string;
  readonly database: TestDatabase;
  readonly ledger: PaymentLedger;
  readonly #kept: Restartable<ServiceProcess>;
  readonly #directory: string;

  private constructor(
    parts: Pick<PaymentProcess, 'url' | 'secret' | 'database' | 'ledger'>,
    kept: Restartable<ServiceProcess>,
    directory: string,
  ) {
    this.url = parts.url;
    this.secret = parts.secret;
    this.database = parts.database;
    this.ledger = parts.ledger;
    this.#kept = kept;
    this.#directory = directory;
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<PaymentProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'bundler-payment-'));
    const database = await createDatabase();
    const ledger = await PaymentLedger.open(database.url);
    const [port, adminPort] = [await freePort(), await freePort()];
    const secret = randomBytes(32).toString('hex');
    const log = createWriteStream(process.env.TEST_PLATFORM_LOG ?? join(directory, 'log'), { flags: 'a' });
    const options = {
      entryPoint: 'services/payment/src/main.ts',
      env: {
        PATH: process.env.PATH!,
        BIND_ADDRESS: '127.0.0.1',
        PAYMENT_SERVICE_PORT: String(port),
        ADMIN_PORT: String(adminPort),
        PAYMENT_DB_URL: database.url,
        PRIVATE_ROUTE_SECRET: secret,
        // Nobody is there: what it sells for bytes is not asked for.
        ARWEAVE_GATEWAY: 'http://127.0.0.1:9',
        REDIS_CACHE_URL: process.env[REDIS_URL]!,
        RATE_LIMIT_ENABLED: 'false',
        SHUTDOWN_ANNOUNCE_MS: '0',
        ...env,
      },
      adminUrl: `http://127.0.0.1:${adminPort}`,
      log,
    };
    const kept = await Restartable.start('payment', () => startService(options));
    return new PaymentProcess({ url: `http://127.0.0.1:${port}`, secret, database, ledger }, kept, directory);
  }

  /** kill -9, then a start at the same address. */
  crash(): Promise<void> {
    return this.#kept.crash();
  }

  async stop(): Promise<void> {
    await this.#kept.end((running) => running.stop());
    await this.ledger.close();
    await this.database.drop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
