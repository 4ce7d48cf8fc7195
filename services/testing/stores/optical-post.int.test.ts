import { constants, createHash, createPrivateKey, createPublicKey, randomBytes, randomUUID, verify } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AcceptedItem,
  type Database,
  DataItems,
  FsObjectStore,
  OpticalBridges,
  OpticalDeliveries,
  Unbundlings,
} from '@bundler/adapters';
import { createDataItem, deepHash, ed25519Signer, parseDataItemHeader } from '@bundler/ans104';
import type { Config } from '@bundler/contract';
import { createLogger, createMetrics, type Metrics } from '@bundler/runtime';
import { type StageContext, stages } from '@bundler/workers';
import { createDatabase, openTestDatabase, type TestDatabase, testWallet, until } from '../src/index.ts';
import { TestBridge } from '../src/optical-bridge.ts';
import { defaultConfig } from './fixtures/default-config.ts';
import { age, newItem } from './fixtures/rows.ts';

const BATCH = 4;
const RESET_MS = 150;
const signer = ed25519Signer(Buffer.alloc(32, 3));
const logger = createLogger('test', 'silent');

describe('posts to an optical bridge', () => {
  let database: TestDatabase;
  let opened: Database;
  let directory: string;
  let store: FsObjectStore;
  let wallet: StageContext['wallet'];
  let bridge: TestBridge;
  let bridges: OpticalBridges;
  let metrics: Metrics;
  let deliveries: OpticalDeliveries;
  let config: Config;
  let post: (url?: string) => Promise<void>;

  beforeAll(async () => {
    database = await createDatabase();
    opened = await openTestDatabase(database.url);
    directory = await mkdtemp(join(tmpdir(), 'bundler-optical-'));
    store = new FsObjectStore(directory);
    deliveries = new OpticalDeliveries(opened.writer);
    const jwk = await testWallet();
    wallet = { address: '', publicKey: jwk.n, privateKey: createPrivateKey({ key: jwk as never, format: 'jwk' }) };
  });
  afterAll(async () => {
    await opened?.close();
    await database?.drop();
    await store?.close();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await opened.writer.raw(
      'truncate data_items, segments, unbundlings, offset_batches, nested_items, optical_deliveries',
    );
    bridge = await new TestBridge().start();
    metrics = createMetrics();
    config = {
      ...defaultConfig(),
      opticalBridgeUrls: [bridge.url],
      opticalBridgeKeys: 'secret',
      opticalBatchSize: BATCH,
      opticalRateMax: 1000,
      opticalTimeout: 200,
      opticalResetTimeout: RESET_MS,
    };
    bridges = new OpticalBridges(config, wallet.publicKey, logger, metrics);
    const context = { config, deliveries, bridges, wallet, logger, metrics, read: store.read.bind(store) };
    const stage = stages.opticalPost(context as unknown as StageContext);
    post = (url = bridge.url) => stage({ bridge: url }, new AbortController().signal);
  });
  afterEach(async () => {
    bridges.close();
    await bridge.stop();
  });

  let made = 0;
  /** Accepts items as a commit group does, their bytes in one object. @returns their ids in the order of their bytes */
  async function accept(count: number, told = config.opticalBridgeUrls): Promise<string[]> {
    const pieces: Buffer[] = [];
    const items: AcceptedItem[] = [];
    let segmentOffset = 0;
    for (let index = 0; index < count; index += 1) {
      made += 1;
      const tags = [{ name: 'Content-Type', value: 'text/plain' }];
      const bytes = await createDataItem({
        signer,
        data: Buffer.from(`item ${made}`),
        tags,
        target: Buffer.alloc(32, 9),
      });
      const { id, length } = parseDataItemHeader(bytes)!;
      const receivedAt = 1_700_000_000_000 + made;
      items.push(newItem({ id, segmentOffset, byteCount: bytes.length, payloadStart: length, receivedAt }));
      pieces.push(bytes);
      segmentOffset += bytes.length;
    }
    const id = randomUUID();
    const segment = { id, objectKey: `segments/${id.slice(0, 2)}/${id}`, byteCount: segmentOffset };
    await store.put(segment.objectKey, pieces);
    await new DataItems(opened).insertGroup(segment, items, told);
    return items.map((item) => item.id.toString('base64url'));
  }

  const waiting = async (): Promise<number> =>
    Number((await opened.writer('optical_deliveries').count('* as n').first())!.n);
  const breakerState = async (): Promise<number> => (await metrics.breakerState.get()).values[0]!.value;
  const posts = async (outcome: string): Promise<number> =>
    (await metrics.opticalPosts.get()).values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;

  it('have the shape that bridges want, and the signature of the bundler', async () => {
    const [id] = await accept(1);
    await post();
    const [header] = bridge.headers;
    const owner = Buffer.from(header!.owner, 'base64url');
    expect(header).toEqual({
      id,
      owner: signer.owner.toString('base64url'),
      owner_address: createHash('sha256').update(owner).digest('base64url'),
      signature: expect.stringMatching(/^[\w-]{86}$/),
      target: Buffer.alloc(32, 9).toString('base64url'),
      content_type: 'text/plain',
      tags: [{ name: 'Q29udGVudC1UeXBl', value: 'dGV4dC9wbGFpbg' }],
      data_size: `item ${made}`.length,
      bundlr_signature: expect.any(String),
      uploaded_at: 1_700_000_000_000 + made,
    });
    expect(bridge.lastRequest).toMatchObject({
      authorization: 'Bearer secret',
      'content-type': 'application/json',
      'x-bundlr-public-key': wallet.publicKey,
    });
    const key = createPublicKey({ key: { kty: 'RSA', n: wallet.publicKey, e: 'AQAB' }, format: 'jwk' });
    const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
    const signature = Buffer.from(header!.bundlr_signature, 'base64url');
    expect(verify('sha256', deepHash([Buffer.from(id!)]), pss, signature)).toBe(true);
  });

  it('come in batches, in order, few for many groups and many for a large one', async () => {
    const ids = [...(await accept(1)), ...(await accept(2)), ...(await accept(9)), ...(await accept(1))];
    await post();
    expect(bridge.ids).toEqual(ids);
    expect(bridge.batches.map(({ length }) => length)).toEqual([4, 4, 4, 1]);
    expect(await waiting()).toBe(0);
    await post();
    expect(bridge.requests).toBe(4);
  });

  it('are none when nobody was to be told, and none to whom the settings do not name', async () => {
    await accept(2, []);
    expect(await waiting()).toBe(0);
    await post();
    expect(bridge.requests).toBe(0);
    await post('http://127.0.0.1:1/not-in-the-settings');
  });

  it.each([
    ['fails', 500],
    ['is too busy', 429],
    ['hangs', 'hanging'],
  ] as const)('stay when it %s, and go on where they were when it is back', async (_, mood) => {
    const ids = await accept(6);
    const later = await accept(1);
    bridge.mood = mood;
    await expect(post()).rejects.toThrow();
    // Its breaker is open: it is left alone.
    expect(await breakerState()).toBe(1);
    await expect(post()).rejects.toThrow('is open');
    expect(bridge.requests).toBe(1);
    expect([await posts('failed'), await waiting()]).toEqual([2, 2]);

    bridge.mood = 'taking';
    await until(() =>
      post().then(
        () => true,
        () => false,
      ),
    );
    expect(bridge.ids).toEqual([...ids, ...later]);
    expect([await breakerState(), await waiting()]).toEqual([0, 0]);
  });

  it('are not repeated when they were taken, wherever the rest failed', async () => {
    const ids = await accept(10);
    const take = bridge.batches.push.bind(bridge.batches);
    bridge.batches.push = (batch) => {
      bridge.mood = 500;
      return take(batch);
    };
    await expect(post()).rejects.toThrow('answered 500');
    bridge.batches.push = take;
    bridge.mood = 'taking';
    await until(() =>
      post().then(
        () => true,
        () => false,
      ),
    );
    expect(bridge.ids).toEqual(ids);
  });

  it('are given up when it refuses them, and the next ones are posted', async () => {
    await accept(1);
    bridge.mood = 400;
    await post();
    expect([await posts('refused'), await waiting(), await breakerState()]).toEqual([1, 0, 0]);
    bridge.mood = 'taking';
    const ids = await accept(1);
    await post();
    expect(bridge.ids).toEqual(ids);
  });

  it('are given up when their bytes are gone or they are too old', async () => {
    await accept(2);
    const [row] = await opened.writer('segments').select('object_key');
    await store.delete(row.object_key);
    const ids = await accept(1);
    await post();
    expect(bridge.ids).toEqual(ids);
    expect((await metrics.opticalLost.get()).values).toMatchObject([{ value: 1, labels: { why: 'bytes_gone' } }]);

    await accept(1);
    expect(await deliveries.giveUp(60_000, 10)).toEqual([]);
    expect(await deliveries.behind([bridge.url, 'http://other'], 60_000)).toEqual([]);
    await age(opened.writer, 'optical_deliveries', 'created_at', 60_000);
    expect(await deliveries.behind([bridge.url, 'http://other'], 60_000)).toEqual([bridge.url]);
    expect(await deliveries.giveUp(60_000, 10)).toEqual([bridge.url]);
  });

  it('tell of items inside of others when all of those can be looked up, in the order of their bytes', async () => {
    const [rootId] = await accept(1);
    await post();
    const root = Buffer.from(rootId!, 'base64url');
    const unbundlings = new Unbundlings(opened.writer);
    await opened.writer('unbundlings').insert({ item_id: root });
    // Items that lie anywhere in the root's object do: what is told of them is what stands there.
    const place = { id: randomBytes(32), parentId: root, startInParentPayload: 0, contentType: null };
    const row = await opened.writer('data_items').first('byte_count', 'payload_start');
    const nested = { ...place, byteCount: row.byte_count, payloadStart: row.payload_start };
    await unbundlings.keep({ itemId: root, batch: 0 }, [{ ...nested, start: 0 }]);
    await unbundlings.markParsed(root, 1, {}, config.opticalBridgeUrls);
    expect(await waiting()).toBe(0);
    await unbundlings.write({ itemId: root, batch: 0 }, config.opticalBridgeUrls);
    expect(await waiting()).toBe(1);
    await post();
    expect(bridge.ids).toEqual([rootId, rootId]);
  });
});
