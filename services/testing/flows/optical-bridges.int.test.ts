import { createDataItem, ed25519Signer } from '@bundler/ans104';
import type { BundlerClient } from '@bundler/client';
import pg from 'pg';
import { Platform, until } from '../src/index.ts';
import { Bundler } from '../src/nested-bundle.ts';
import { TestBridge } from '../src/optical-bridge.ts';

const LIMIT_MS = 90_000;
const signer = ed25519Signer(Buffer.alloc(32, 4));

describe('optical bridges of a platform', () => {
  let platform: Platform;
  let client: BundlerClient;
  let db: pg.Client;
  let live: TestBridge;
  let dead: TestBridge;

  beforeAll(async () => {
    [live, dead] = [await new TestBridge().start(), await new TestBridge().start()];
    const env = {
      OPTICAL_BRIDGE_URLS: `${dead.url},${live.url}`,
      OPTICAL_BRIDGE_KEYS: ',for the second',
      OPTICAL_BREAKER_TIMEOUT_MS: '1000',
      OPTICAL_BREAKER_RESET_TIMEOUT_MS: '500',
      OPTICAL_BATCH_SIZE: '10',
      FAST_FINALITY_INDEXES: 'gateway.example.com',
      FREE_UPLOAD_LIMIT: String(8 * 1024 * 1024),
    };
    platform = await Platform.start({ env, workers: 2 });
    client = platform.client();
    db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
  }, LIMIT_MS);
  afterAll(async () => {
    await db?.end();
    await platform?.stop();
    await live?.stop();
    await dead?.stop();
  });

  const item = (text: string): Promise<Buffer> => createDataItem({ signer, data: Buffer.from(text) });
  const waiting = async (bridge: TestBridge): Promise<number> =>
    (await db.query<{ n: number }>('select count(*)::int as n from optical_deliveries where bridge = $1', [bridge.url]))
      .rows[0]!.n;
  const uploadAll = async (items: readonly Buffer[]): Promise<string[]> =>
    (await Promise.all(items.map((bytes) => client.uploadSigned(bytes)))).map(({ id }) => id);

  it(
    'all get every item; one that is dead delays neither uploads nor the others, and gets its share when it is back',
    async () => {
      dead.mood = 'hanging';
      const items = await Promise.all(Array.from({ length: 40 }, (_, index) => item(`item ${index}`)));
      const begun = performance.now();
      const ids = await uploadAll(items);
      await until(() => live.ids.length >= ids.length, 20_000);
      // A delivery is taken from the table only after the bridge has answered.
      await until(async () => (await waiting(live)) === 0, 20_000);
      // A job that waits for the dead one would have taken longer than its limit.
      expect(performance.now() - begun).toBeLessThan(20_000);
      expect(live.ids.toSorted()).toEqual(ids.toSorted());
      expect(live.batches.length).toBeLessThan(ids.length);
      expect(live.lastRequest.authorization).toBe('Bearer for the second');
      expect(dead.lastRequest.authorization).toBeUndefined();
      expect(dead.ids).toEqual([]);
      expect(await waiting(dead)).toBeGreaterThan(0);

      // Whatever Redis knew is lost as well.
      await platform.servers.flushRedis();
      dead.mood = 'taking';
      await until(async () => (await waiting(dead)) === 0, 60_000);
      expect([...new Set(dead.ids)].toSorted()).toEqual(ids.toSorted());
    },
    LIMIT_MS,
  );

  it(
    'get the items inside of an item after it, in their order',
    async () => {
      const make = await Bundler.open();
      const children = await Promise.all(Array.from({ length: 25 }, (_, index) => make.item(`child ${index}`)));
      const inner = await make.carrier(children.slice(10, 20));
      const root = await make.carrier([...children.slice(0, 10), inner, ...children.slice(20)]);
      for (const bridge of [live, dead]) bridge.batches.length = 0;
      const receipt = await client.uploadSigned(root.getRaw());
      expect(receipt.fastFinalityIndexes).toEqual(['gateway.example.com']);
      const expected = [root, ...children.slice(0, 10), inner, ...children.slice(10)].map(({ id }) => id);
      for (const bridge of [live, dead]) {
        await until(() => bridge.ids.length >= expected.length, 30_000);
        expect(bridge.ids).toEqual(expected);
        expect(bridge.headers.at(-1)).toMatchObject({ data_size: 'child 24'.length });
      }
    },
    LIMIT_MS,
  );

  it(
    'are told of items that come in parts',
    async () => {
      const bytes = await item('in parts');
      const receipt = await client.uploadSignedInParts(new Blob([bytes as never]));
      for (const bridge of [live, dead]) await until(() => bridge.ids.includes(receipt.id), 30_000);
    },
    LIMIT_MS,
  );
});
