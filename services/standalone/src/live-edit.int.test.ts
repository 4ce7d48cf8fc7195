import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ethereumSigner } from '@bundler/client';
import type { SettingsReport } from '@bundler/runtime';
import { Redis } from 'ioredis';
import pg from 'pg';
import { down } from './commands/down.ts';
import { up } from './commands/up.ts';
import { dataPaths, type Options, portVariables, readOptions } from './config/options.ts';
import { freePort } from './embedded/index.ts';
import { readState, type State } from './state/index.ts';

// Backing services may have to be fetched on the first run.
import.meta.jest.setTimeout(300_000);

const API_POOL = /pool:\n {6}max: \d+/;
const signer = ethereumSigner(randomBytes(32).toString('hex'));
const print = () => undefined;

/** As much as shows every request that is lost, and leaves a small machine time for everything else. */
const UPLOAD_EVERY_MS = 500;
const READ_EVERY_MS = 200;

/** Clients that upload and read over connections they keep; whatever is not a 200 is an error. */
class Uploaders {
  readonly errors: string[] = [];
  uploads = 0;
  // In turn, so that each connection is told to close before it is closed for idling. A client that is too busy to see
  // that an idle one was closed may send into it: HTTP has no cure for that, and here all share two cores.
  readonly #agent = new http.Agent({ keepAlive: true, scheduling: 'fifo' });
  readonly #loops: Promise<void>[];
  #latest: string | undefined;
  #stopped = false;

  constructor(port: number, clients: number) {
    const uploading = Array.from({ length: clients }, () => this.#upload(port));
    // Status reads are what fills the database pool: uploads share a connection or two.
    const reading = Array.from({ length: 2 * clients }, () => this.#read(port));
    this.#loops = [...uploading, ...reading];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
    this.#agent.destroy();
  }

  async #upload(port: number): Promise<void> {
    while (!this.#stopped) {
      const { id, bytes } = await signer(randomBytes(200), []);
      await this.#send(port, 'POST', '/v1/tx', bytes);
      this.#latest = id;
      this.uploads += 1;
      await wait(UPLOAD_EVERY_MS);
    }
  }

  async #read(port: number): Promise<void> {
    while (!this.#stopped) {
      if (this.#latest !== undefined) await this.#send(port, 'GET', `/v1/tx/${this.#latest}/status`);
      await wait(READ_EVERY_MS);
    }
  }

  #send(port: number, method: string, path: string, body?: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      const headers = body && { 'content-type': 'application/octet-stream', 'content-length': body.length };
      const options = { agent: this.#agent, host: '127.0.0.1', port, method, path, ...(headers ? { headers } : {}) };
      const request = http.request(options, (answer) => {
        if (answer.statusCode !== 200) this.errors.push(`${method} ${answer.statusCode}`);
        answer.resume().on('end', resolve);
      });
      request.on('error', (error) => {
        this.errors.push(`${method} ${error.message}`);
        resolve();
      });
      request.end(body);
    });
  }
}

/** The clients starve a small machine, so each effect may take long; what is seen too early or too much is wrong at once. */
const DEADLINE_MS = 90_000;

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    expect(Date.now()).toBeLessThan(deadline);
    await wait(50);
  }
}

/** Looks until the value is there, for a while; a value above it is an error. */
async function reaches(read: () => Promise<number>, expected: number, forMs = 1000): Promise<boolean> {
  for (const end = Date.now() + forMs; Date.now() < end; await wait(20)) {
    const value = await read();
    expect(value).toBeLessThanOrEqual(expected);
    if (value === expected) return true;
  }
  return false;
}

describe('editing standalone.yaml while clients upload', () => {
  let options: Options;
  let uploadPort: number;
  let uploaders: Uploaders;
  let database: pg.Client;
  let redis: Redis;

  const state = async (): Promise<State> => (await readState(dataPaths(options.dataDir).state))!;
  /** Changes the file as editors do, and waits until everything runs as it says. */
  const edit = async (change: (text: string) => string): Promise<void> => {
    const { revision } = await state();
    const before = await readFile(options.specFile, 'utf8');
    expect(change(before)).not.toBe(before);
    await writeFile(`${options.specFile}.new`, change(before));
    await rename(`${options.specFile}.new`, options.specFile);
    await until(async () => {
      const now = await state();
      expect(now.refusal).toBeUndefined();
      const rolled =
        now.processes.every(({ current }) => current) &&
        now.deployments.every(({ ready, replicas }) => ready === replicas);
      if (!rolled || now.revision!.number === revision!.number) return false;
      const reports = await Promise.all(now.processes.map(settingsOf));
      return reports.every(({ generation }) => generation === now.revision!.number);
    });
  };
  const settingsOf = async ({ adminPort }: { adminPort: number | undefined }): Promise<SettingsReport> =>
    (await fetch(`http://127.0.0.1:${adminPort}/settings`)).json() as Promise<SettingsReport>;
  const pids = async () => (await state()).processes.map(({ name, pid }) => `${name} ${pid}`).sort();

  const apiConnections = async (): Promise<number> => {
    const found = await database.query(
      `select count(*)::int as n from pg_stat_activity where application_name = 'bundler-upload'`,
    );
    return found.rows[0].n;
  };
  /**
   * The connections of the APIs once they have opened as many as this; more are an error. Their queries are held for
   * moments, so that they open all that they may; a query that is held for 10 s would fail.
   */
  const connectionsOnceFull = async (count: number): Promise<number> => {
    await until(async () => {
      await database.query('begin');
      await database.query('lock table data_items in access exclusive mode');
      try {
        return await reaches(apiConnections, count, 3000);
      } finally {
        await database.query('commit');
      }
    });
    return apiConnections();
  };
  const postsAtOnce = (): Promise<number> => redis.llen('bull:post:active');
  const uploadLogs = async (): Promise<string> => {
    const { logs } = dataPaths(options.dataDir);
    const names = (await state()).processes.flatMap(({ name }) => (name.includes('upload') ? [name] : []));
    return (await Promise.all(names.map((name) => readFile(join(logs, `${name}.log`), 'utf8')))).join('');
  };
  const workerProcesses = async (): Promise<number> => {
    const { processes } = await state();
    const commands = await Promise.all(
      processes.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    return commands.filter((line) => line.includes('services/workers/src/main.ts')).length;
  };

  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'live-edit-'));
    const ports = await Promise.all(
      Object.values(portVariables).map(async ({ variable }) => [variable, String(await freePort())]),
    );
    uploadPort = await freePort();
    const environment: Record<string, string> = {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      BUNDLER_DATA_DIR: dataDir,
      BUNDLER_CONFIG: join(dataDir, 'config.yaml'),
      ...Object.fromEntries(ports),
    };
    options = readOptions(environment, join(import.meta.dirname, '../../..'));
    // A bundle for every item, and a gateway that takes its time: posts pile up, so their concurrency shows.
    await writeFile(
      options.specFile,
      `apiVersion: bundler.permaweb.dev/v1alpha1
kind: BundlerConfig
metadata:
  name: live
spec:
  upload:
    port: ${uploadPort}
    replicas: 2
    rateLimit:
      enabled: false
  database:
    pool:
      max: 4
      min: 0
  workers:
    layout: Combined
    instances: 1
    post:
      concurrency: 2
  observability:
    logLevel: info
  objectStore:
    driver: fs
  pipeline:
    overdueThreshold: 100ms
    planInterval: 100ms
    maxBundleItems: 1
  shutdown:
    announce: 2s
`,
    );
    await up(options, environment, print);
    await fetch(`http://127.0.0.1:${options.ports.gateway}/dev/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ route: 'POST /tx', delayMs: 1500 }),
    });
    const password = await readFile(`${dataPaths(dataDir).postgres}.password`, 'utf8');
    database = new pg.Client({
      host: '127.0.0.1',
      port: options.ports.postgres,
      user: 'postgres',
      password: password.trim(),
      database: 'bundler',
    });
    await database.connect();
    redis = new Redis(options.ports.redisQueue, '127.0.0.1');
    uploaders = new Uploaders(uploadPort, 10);
    // Until there is an item to read, nobody reads.
    while (uploaders.uploads === 0) await wait(20);
  });

  afterAll(async () => {
    await uploaders?.stop();
    redis?.disconnect();
    await database?.end();
    await down(options, print);
    await rm(options.dataDir, { recursive: true, force: true });
  });

  it('a concurrency takes effect in the jobs that are active at once, and no process is replaced', async () => {
    const before = await pids();
    await until(() => reaches(postsAtOnce, 2));
    await edit((text) => text.replace('concurrency: 2', 'concurrency: 5'));
    await until(() => reaches(postsAtOnce, 5));
    await edit((text) => text.replace('concurrency: 5', 'concurrency: 1'));
    // Those that were in progress finish first.
    await until(async () => (await postsAtOnce()) === 1);
    await until(() => reaches(postsAtOnce, 1));
    expect(await pids()).toEqual(before);
  });

  it('a pause lets the jobs of its queue finish and begins no other, until it ends', async () => {
    const before = await pids();
    await edit((text) => text.replace('concurrency: 1', 'concurrency: 5\n      paused: true'));
    await until(async () => (await postsAtOnce()) === 0);
    const waiting = await redis.llen('bull:post:wait');
    await until(async () => {
      expect(await postsAtOnce()).toBe(0);
      return (await redis.llen('bull:post:wait')) > waiting;
    });
    await edit((text) => text.replace('paused: true', 'paused: false'));
    await until(() => reaches(postsAtOnce, 5));
    expect(await pids()).toEqual(before);
  });

  it('a log level takes effect in what the processes write, and no process is replaced', async () => {
    const before = await pids();
    const refusals = async (): Promise<number> => {
      const lines = (await uploadLogs()).split('\n').filter((line) => line.includes('request refused'));
      return lines.filter((line) => line.includes('"level":"debug"')).length;
    };
    const refused = () => fetch(`http://127.0.0.1:${uploadPort}/no/such/route`).then((answer) => answer.text());
    await refused();
    expect(await refusals()).toBe(0);
    await edit((text) => text.replace('logLevel: info', 'logLevel: debug'));
    await refused();
    await until(async () => (await refusals()) > 0);
    const reports = await Promise.all((await state()).processes.map(settingsOf));
    expect(reports.map(({ settings }) => settings.LOG_LEVEL)).toEqual(['debug', 'debug', 'debug']);
    expect(await pids()).toEqual(before);
  });

  it('an instance count takes effect in the process list', async () => {
    expect(await workerProcesses()).toBe(1);
    await edit((text) => text.replace('instances: 1', 'instances: 3'));
    expect(await workerProcesses()).toBe(3);
    // More than one process may run.
    await until(async () => (await postsAtOnce()) > 5);
  });

  it('a pool size takes effect in pg_stat_activity', async () => {
    expect(await connectionsOnceFull(8)).toBe(8);
    const before = await pids();
    await edit((text) => text.replace(API_POOL, 'pool:\n      max: 2'));
    expect(await connectionsOnceFull(4)).toBe(4);
    for (const process of await pids()) expect(before).not.toContain(process);
  });

  it('and the clients saw no error', async () => {
    await uploaders.stop();
    expect(uploaders.uploads).toBeGreaterThan(100);
    expect(uploaders.errors).toEqual([]);
  });
});
