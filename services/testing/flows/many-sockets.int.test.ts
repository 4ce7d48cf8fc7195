import { createHash, randomBytes } from 'node:crypto';
import {
  type AcceptedItem,
  type Database,
  DataItems,
  freeOnlyPayment,
  type ObjectStore,
  openDatabase,
  Settlements,
} from '@bundler/adapters';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import { createLogger, createMetrics, loadConfig, type Metrics } from '@bundler/runtime';
import { CommitGroups } from '@bundler/upload';
import { tally } from '../src/chaos/killer.ts';
import { createDatabase, openTestDatabase, Platform, type PlatformProcess, until } from '../src/index.ts';
import { KeepAliveClient } from '../src/keep-alive-client.ts';

/** Uploads, and as many status reads. */
const REQUESTS = Number(process.env.SOCKETS_REQUESTS ?? 3000);
const SOCKETS = 500;
const APIS = 2;
const POOL = 5;

interface Load {
  readonly seconds: number;
  /** Answers other than 200, and broken connections, with how often each came. */
  readonly errors: Readonly<Record<string, number>>;
  readonly timeouts: number;
  readonly largestPool: number;
}

const signer = ed25519Signer(randomBytes(32));

/** Two APIs with small pools, and a crowd that uploads and asks for the status of what it uploaded. */
async function loadWith(env: Record<string, string>): Promise<Load> {
  const platform = await Platform.start({
    apis: APIS,
    workers: 0,
    env: { DB_POOL_MAX: String(POOL), ...env },
  });
  try {
    const apis = platform.of('upload');
    const items = await Promise.all(
      Array.from({ length: REQUESTS }, () => createDataItem({ signer, data: randomBytes(100) })),
    );
    const clients = apis.map(({ url }) => new KeepAliveClient(url, SOCKETS / APIS));
    const errors: string[] = [];
    const start = performance.now();
    await Promise.all(Array.from({ length: SOCKETS }, (_, index) => useSocket(clients[index % APIS]!, items, errors)));
    const seconds = (performance.now() - start) / 1000;
    for (const client of clients) client.close();
    const sum = async (name: string): Promise<number[]> => Promise.all(apis.map((api) => metric(api, name)));
    const [used, free] = [await sum('db_pool_size'), await sum('db_pool_free')];
    return {
      seconds,
      errors: tally(errors),
      timeouts: (await sum('db_pool_acquire_timeouts_total')).reduce((a, b) => a + b),
      largestPool: Math.max(...used.map((inUse, api) => inUse + free[api]!)),
    };
  } finally {
    await platform.stop();
  }
}

async function useSocket(client: KeepAliveClient, items: Buffer[], errors: string[]): Promise<void> {
  for (let item = items.pop(); item; item = items.pop()) {
    const id = createHash('sha256').update(item.subarray(2, 66)).digest('base64url');
    try {
      for (const answer of [await client.upload(item), await client.send('GET', `/v1/tx/${id}/status`)]) {
        if (answer.status !== 200) errors.push(`${answer.status} ${answer.text}`);
      }
    } catch (error) {
      errors.push((error as NodeJS.ErrnoException).code ?? String(error));
    }
  }
}

async function metric(api: PlatformProcess, name: string): Promise<number> {
  const text = await (await fetch(`${api.adminUrl}/bundler_metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const TEST_MS = 60_000 + REQUESTS * 30;

describe(`${REQUESTS} uploads and status reads over ${SOCKETS} sockets, ${APIS} APIs, DB_POOL_MAX=${POOL}`, () => {
  it(
    'meet no error and never wait too long for a connection',
    async () => {
      const load = await loadWith({ DB_ACQUIRE_TIMEOUT: '2000' });
      process.stderr.write(`${2 * REQUESTS} requests in ${load.seconds.toFixed(1)} s ${JSON.stringify(load)}\n`);
      expect(load).toMatchObject({ errors: {}, timeouts: 0 });
      expect(load.largestPool).toBeLessThanOrEqual(POOL);
    },
    TEST_MS,
  );

  it('cannot be given more groups than connections, which is what would make them wait', () => {
    const env = { DB_POOL_MAX: String(POOL), UPLOAD_GROUP_CONCURRENCY: String(SOCKETS) };
    expect(() => loadConfig('upload', env)).toThrow(
      `UPLOAD_GROUP_CONCURRENCY is ${SOCKETS}, above DB_POOL_MAX (${POOL})`,
    );
  });
});

/** So many that one insert each keeps even a fast database busy for longer than `PATIENCE_MS`. */
const AT_ONCE = 4 * SOCKETS;
/** Waits for a connection that are longer are counted, milliseconds. A free connection is had at once. */
const PATIENCE_MS = 100;

describe(`${AT_ONCE} uploads at a time that become durable over ${POOL} connections`, () => {
  let database: Database;
  let metrics: Metrics;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    const made = await createDatabase();
    drop = made.drop;
    await (await openTestDatabase(made.url)).close();
    metrics = createMetrics();
    const config = {
      databaseWriterUrl: made.url,
      databaseReaderUrl: '',
      databaseAcquireTimeout: PATIENCE_MS,
      databaseIdleTimeout: 30_000,
      databaseReapInterval: 1000,
    };
    database = openDatabase(
      config,
      { name: 'test', queryTimeoutMs: 60_000, min: POOL, max: POOL },
      createLogger('test', 'error'),
      metrics,
    );
    await until(async () => (await warmUp()) === POOL, 30_000);
  });
  afterEach(async () => {
    await database.close();
    await drop();
  });

  /** Connects as often as the pool allows: connecting is not what is measured. */
  async function warmUp(): Promise<number> {
    const sleeping = Array.from({ length: POOL }, () => database.writer.raw('select pg_sleep(0.02)'));
    return (await Promise.allSettled(sleeping)).filter(({ status }) => status === 'fulfilled').length;
  }

  async function timeoutsWith(shape: { maxItems: number; concurrency: number }): Promise<number> {
    const before = await timeouts();
    const groups = new CommitGroups({
      ...shape,
      store: { put: async () => undefined } as unknown as ObjectStore,
      items: new DataItems(database),
      jobs: { add: async () => true },
      payment: freeOnlyPayment({ freeUploadLimit: 1e9, allowListedAddresses: [] }),
      settlements: new Settlements(database.writer),
      maxBytes: 16 * 1024 * 1024,
      bridges: [],
      intervalMs: () => 10,
      signingWaitMs: () => 0,
      inProgress: () => AT_ONCE,
      logger: createLogger('test', 'error'),
      metrics,
    });
    const outcomes = await Promise.all(
      Array.from({ length: AT_ONCE }, () => groups.add(newItem(), [Buffer.alloc(100)])),
    );
    expect(outcomes.filter(({ state }) => state !== 'accepted')).toEqual([]);
    return (await timeouts()) - before;
  }
  const timeouts = async (): Promise<number> => (await metrics.poolTimeouts.get()).values[0]!.value;

  it('never wait when they share their inserts', async () => {
    expect(await timeoutsWith({ maxItems: 500, concurrency: 2 })).toBe(0);
  }, 60_000);

  it('wait too long when each has an insert of its own', async () => {
    expect(await timeoutsWith({ maxItems: 1, concurrency: AT_ONCE })).toBeGreaterThan(0);
  }, 60_000);
});

function newItem(): Omit<AcceptedItem, 'segmentOffset'> {
  return {
    id: randomBytes(32),
    ownerAddress: 'owner',
    receivedAt: Date.now(),
    deadlineHeight: 200,
    winc: '0',
    receiptKey: 'key',
    byteCount: 100,
    payloadStart: 80,
    contentType: null,
    signatureType: 2,
    featureType: 'default',
    carriesBundle: false,
  };
}
