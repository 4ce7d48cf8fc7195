import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type EmbeddedPostgres, freePort, startPostgres } from '@bundler/standalone/embedded';
import { readState, type State } from '@bundler/standalone/state';
import { PaymentStandIn } from '../../src/payment-stand-in.ts';
import { until } from '../../src/until.ts';

const root = join(import.meta.dirname, '../../../..');
const MAIN = 'services/standalone/src/main.ts';
const DATABASE = 'bundler';
const PAYMENT_DATABASE = 'payment';
const MAX_CONNECTIONS = '500';
const KILLED_IS_BACK_MS = 60_000;

/** Settings of every load run: one address sends what in the world comes from hundreds, and nobody pays. */
const SETTINGS = { RATE_LIMIT_ENABLED: 'false', FREE_UPLOAD_LIMIT: String(1024 ** 4), LOG_LEVEL: 'warn' };

/** The standalone platform, started for a load run on ports and in a directory of its own. */
export class OwnPlatform {
  readonly url: string;
  readonly apiKey = randomBytes(32).toString('base64url');
  readonly #directory: string;
  readonly #postgres: EmbeddedPostgres;
  readonly #payment: PaymentStandIn;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #print: (line: string) => void;

  private constructor(parts: {
    readonly url: string;
    readonly directory: string;
    readonly postgres: EmbeddedPostgres;
    readonly payment: PaymentStandIn;
    readonly environment: Readonly<Record<string, string>>;
    readonly print: (line: string) => void;
  }) {
    this.url = parts.url;
    this.#directory = parts.directory;
    this.#postgres = parts.postgres;
    this.#payment = parts.payment;
    this.#environment = parts.environment;
    this.#print = parts.print;
  }

  /** Prepares a platform; the first `configure` starts it. `env` is what finds programs: PATH, HOME, proxies. */
  static async prepare(env: NodeJS.ProcessEnv, print: (line: string) => void): Promise<OwnPlatform> {
    const directory = await mkdtemp(join(tmpdir(), 'bundler-load-'));
    const [upload, paymentPort, gateway, database, queue, cache] = await freePorts();
    const payment = new PaymentStandIn(randomBytes(32).toString('hex'));
    payment.standardBalance = Number.MAX_SAFE_INTEGER;
    const paymentUrl = await payment.start();
    const postgres = await startPostgres({
      dataDir: join(directory, 'postgres'),
      port: database,
      databases: [DATABASE, PAYMENT_DATABASE],
      settings: { max_connections: MAX_CONNECTIONS },
    });
    const environment = {
      ...inherited(env),
      BUNDLER_DATA_DIR: directory,
      UPLOAD_SERVICE_PORT: String(upload),
      GATEWAY_PORT: String(gateway),
      GATEWAY_BLOCK_INTERVAL_MS: '200',
      REDIS_QUEUE_PORT: String(queue),
      REDIS_CACHE_PORT: String(cache),
      DB_WRITER_URL: postgres.url(DATABASE),
      PAYMENT_DB_URL: postgres.url(PAYMENT_DATABASE),
      PAYMENT_SERVICE_PORT: String(paymentPort),
      PAYMENT_SERVICE_URL: paymentUrl,
      PRIVATE_ROUTE_SECRET: payment.secret,
      API_KEYS_FILE: join(directory, 'api-keys'),
      ...SETTINGS,
    };
    const url = `http://127.0.0.1:${upload}`;
    const platform = new OwnPlatform({ url, directory, postgres, payment, environment, print });
    await writeFile(environment.API_KEYS_FILE, `${createHash('sha256').update(platform.apiKey).digest('hex')}  load\n`);
    return platform;
  }

  get databaseUrl(): string {
    return this.#postgres.url(DATABASE);
  }

  /** Addresses of the processes that have metrics, as they are now. */
  async scrapeTargets(): Promise<{ address: string; component: string }[]> {
    const processes = (await this.#state())?.processes ?? [];
    return processes.flatMap(({ adminPort, deployment }) =>
      adminPort === undefined ? [] : [{ address: `127.0.0.1:${adminPort}`, component: deployment.replace(/^.*-/, '') }],
    );
  }

  /** Brings the platform into these settings, whether it runs or not, and waits until all of it is ready. */
  async configure(settings: Readonly<Record<string, string>>): Promise<void> {
    await this.#command('up', settings);
  }

  /** kill -9 for one worker process, another one each time; resolves when the supervisor has it back. */
  async killWorker(): Promise<void> {
    const workers = ((await this.#state())?.processes ?? []).filter(({ deployment }) =>
      deployment.endsWith('-workers'),
    );
    const victim = workers.toSorted((one, other) => one.restarts - other.restarts)[0];
    if (victim?.pid === undefined) throw new Error('no worker process runs that could be killed');
    process.kill(victim.pid, 'SIGKILL');
    await until(async () => {
      const now = (await this.#state())?.processes.find(({ name }) => name === victim.name);
      return now?.phase === 'ready' && now.pid !== victim.pid;
    }, KILLED_IS_BACK_MS);
  }

  /** Whether the payment service answers, or takes requests and says nothing. */
  set paymentHangs(hangs: boolean) {
    this.#payment.mood = hangs ? 'hanging' : { delayMs: () => 0 };
  }

  /** Stops all of it and deletes what it kept. */
  async stop(): Promise<void> {
    await this.#command('down', {}).catch((error: Error) => this.#print(error.message));
    await this.#payment.stop();
    await this.#postgres.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #state(): Promise<State | undefined> {
    return readState(join(this.#directory, 'run', 'state.json'));
  }

  async #command(name: 'up' | 'down', settings: Readonly<Record<string, string>>): Promise<void> {
    const child = spawn(process.execPath, [MAIN, name], {
      cwd: root,
      env: { ...this.#environment, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => said.push(line));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the platform: ${name} ended with ${code}:\n${said.join('\n')}`);
  }
}

async function freePorts(): Promise<[number, number, number, number, number, number]> {
  // One after the other: ports that are free are found, not reserved.
  const first = [await freePort(), await freePort(), await freePort()] as const;
  return [...first, await freePort(), await freePort(), await freePort()];
}

/** What finds programs and fetches them; settings of the caller's shell are not those of the test. */
const INHERITED = /^(PATH|HOME|TZ|TMPDIR|XDG_CACHE_HOME|PIP_.*|.*_proxy|SSL_CERT_FILE|SSL_CERT_DIR)$/i;

function inherited(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => INHERITED.test(name) && value)) as Record<
    string,
    string
  >;
}
