import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ethereumSigner } from '@bundler/client';
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

/** Clients that upload without a pause over connections they keep; whatever is not a 200 is an error. */
class Uploaders {
  readonly errors: string[] = [];
  uploads = 0;
  readonly #agent = new http.Agent({ keepAlive: true });
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
    }
  }

  async #read(port: number): Promise<void> {
    while (!this.#stopped) {
      if (this.#latest === undefined) await wait(20);
      else await this.#send(port, 'GET', `/v1/tx/${this.#latest}/status`);
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

describe('editing standalone.yaml while clients upload', () => {
  let options: Options;
  let uploadPort: number;
  let uploaders: Uploaders;
  let database: pg.Client;
  let redis: Redis;

  const state = async (): Promise<State> => (await readState(dataPaths(options.dataDir).state))!;
  const edit = async (change: (text: string) => string): Promise<void> => {
    const { revision } = await state();
    const before = await readFile(options.specFile, 'utf8');
    expect(change(before)).not.toBe(before);
    await writeFile(options.specFile, change(before));
    for (const deadline = Date.now() + 60_000; ; ) {
      const now = await state();
      expect(now.refusal).toBeUndefined();
      expect(Date.now()).toBeLessThan(deadline);
      const rolled =
        now.processes.every(({ current }) => current) &&
        now.deployments.every(({ ready, replicas }) => ready === replicas);
      if (now.revision!.number > revision!.number && rolled) return;
      await wait(50);
    }
  };
  /** The highest value that was seen within a second and a half. */
  const peak = async (read: () => Promise<number>): Promise<number> => {
    let highest = 0;
    for (const end = Date.now() + 1500; Date.now() < end; await wait(20)) highest = Math.max(highest, await read());
    return highest;
  };
  const apiConnections = async (): Promise<number> => {
    const found = await database.query(
      `select count(*)::int as n from pg_stat_activity where application_name = 'bundler-upload'`,
    );
    return found.rows[0].n;
  };
  /** Holds every query of the APIs for a moment, so that all connections they may have are seen. */
  const peakWhileHeld = async (): Promise<number> => {
    await database.query('begin');
    await database.query('lock table data_items in access exclusive mode');
    try {
      return await peak(apiConnections);
    } finally {
      await database.query('commit');
    }
  };
  const postsAtOnce = (): Promise<number> => redis.llen('bull:post:active');
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
  database:
    pool:
      max: 4
      min: 0
  workers:
    layout: Combined
    instances: 1
    post:
      concurrency: 2
  objectStore:
    driver: fs
  pipeline:
    overdueThreshold: 100ms
    planInterval: 100ms
    maxBundleItems: 1
  shutdown:
    announce: 0s
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

  it('a pool size takes effect in pg_stat_activity', async () => {
    expect(await peakWhileHeld()).toBe(8);
    await edit((text) => text.replace(API_POOL, 'pool:\n      max: 2'));
    expect(await peakWhileHeld()).toBe(4);
  });

  it('a concurrency takes effect in the jobs that are active at once', async () => {
    expect(await peak(postsAtOnce)).toBe(2);
    await edit((text) => text.replace('concurrency: 2', 'concurrency: 5'));
    expect(await peak(postsAtOnce)).toBe(5);
  });

  it('an instance count takes effect in the process list', async () => {
    expect(await workerProcesses()).toBe(1);
    await edit((text) => text.replace('instances: 1', 'instances: 3'));
    expect(await workerProcesses()).toBe(3);
    // More than one process may run.
    expect(await peak(postsAtOnce)).toBeGreaterThan(5);
  });

  it('and the clients saw no error', async () => {
    await uploaders.stop();
    expect(uploaders.uploads).toBeGreaterThan(100);
    expect(uploaders.errors).toEqual([]);
  });
});
