import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AcceptedItem, type Database, DataItems, FsObjectStore, Unbundlings } from '@bundler/adapters';
import { parseDataItemHeader } from '@bundler/ans104';
import { createLogger, createMetrics, type Metrics } from '@bundler/runtime';
import { type StageContext, stages } from '@bundler/workers';
import { createDatabase, openTestDatabase, type TestDatabase } from '../src/index.ts';
import { BUNDLE_TAGS, Bundler, unsignedBundle } from '../src/nested-bundle.ts';
import { defaultConfig } from './fixtures/default-config.ts';
import { newItem } from './fixtures/rows.ts';

describe('unbundling an item', () => {
  let database: TestDatabase;
  let opened: Database;
  let directory: string;
  let store: FsObjectStore;
  let metrics: Metrics;
  let make: Bundler;
  let jobs: unknown[][];
  let unbundle: (itemId: Buffer, signal?: AbortSignal) => Promise<void>;
  let write: (itemId: Buffer, batch: number) => Promise<void>;

  beforeAll(async () => {
    database = await createDatabase();
    opened = await openTestDatabase(database.url);
    directory = await mkdtemp(join(tmpdir(), 'bundler-unbundle-'));
    store = new FsObjectStore(directory);
    make = await Bundler.open();
  }, 30_000);
  afterAll(async () => {
    await opened?.close();
    await database?.drop();
    await store?.close();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await opened.writer.raw('truncate data_items, segments, unbundlings, offset_batches, nested_items');
    jobs = [];
    metrics = createMetrics();
    const context = {
      config: defaultConfig(),
      unbundlings: new Unbundlings(opened.writer),
      read: store.read.bind(store),
      jobs: { add: async (...job: unknown[]) => jobs.push(job) > 0 },
      logger: createLogger('test', 'silent'),
      metrics,
    } as unknown as StageContext;
    const never = new AbortController().signal;
    unbundle = (id, signal = never) => stages.unbundleBdi(context)({ itemId: id.toString('base64url') }, signal);
    write = (id, batch) => stages.putOffsets(context)({ itemId: id.toString('base64url'), batch }, never);
  });

  /** Accepts an item with this payload, somewhere in an object. */
  async function accept(payload: Uint8Array): Promise<AcceptedItem & { objectKey: string }> {
    const bytes = (await make.item(payload, BUNDLE_TAGS)).getRaw();
    const { id, length } = parseDataItemHeader(bytes)!;
    const segmentId = randomUUID();
    const objectKey = `segments/${segmentId.slice(0, 2)}/${segmentId}`;
    await store.put(objectKey, [Buffer.alloc(77), bytes, Buffer.alloc(10)]);
    const facts = { id, byteCount: bytes.length, payloadStart: length, segmentOffset: 77, carriesBundle: true };
    const item = newItem(facts);
    await new DataItems(opened).insertGroup({ id: segmentId, objectKey, byteCount: bytes.length + 87 }, [item]);
    return { ...item, objectKey };
  }

  const row = () => opened.writer('unbundlings').first();
  const count = async (table: string): Promise<number> => Number((await opened.writer(table).count('* as n'))[0]!.n);

  it('keeps what it finds in batches, for each of which it wakes a worker', async () => {
    const { bytes, ids } = unsignedBundle(1200);
    const { id } = await accept(bytes);
    await unbundle(id);
    const itemId = id.toString('base64url');
    expect(jobs).toEqual([0, 1, 2].map((batch) => ['putOffsets', { itemId, batch }]));
    expect(await row()).toMatchObject({ state: 'parsed', items: 1200 });
    for (const batch of [2, 0, 1]) await write(id, batch);
    expect(await row()).toMatchObject({ state: 'done' });
    const places = await opened.writer('nested_items').orderBy('start_in_root');
    expect(places.map((place) => place.id)).toEqual(ids);
    // Done again, it finds that nothing is left to be done.
    await unbundle(id);
    expect([jobs.length, await count('offset_batches')]).toEqual([3, 0]);
  });

  it('leaves it to be done when the process is told to stop', async () => {
    const { id } = await accept(unsignedBundle(10).bytes);
    await unbundle(id, AbortSignal.abort());
    expect(await row()).toMatchObject({ state: 'waiting' });
    await unbundle(id);
    expect(await row()).toMatchObject({ state: 'parsed', items: 10 });
  });

  it.each<[string, (item: { objectKey: string }) => Promise<unknown>]>([
    ['its object', ({ objectKey }) => store.delete(objectKey)],
    ['the row of its object', () => opened.writer('segments').delete()],
  ])('comes to nothing when %s is gone', async (_, lose) => {
    const item = await accept(unsignedBundle(3).bytes);
    await lose(item);
    await unbundle(item.id);
    expect(await row()).toMatchObject({ state: 'failed', failed_reason: 'missing_from_object_store' });
    expect((await metrics.unbundled.get()).values).toEqual([
      { labels: { outcome: 'missing_from_object_store' }, value: 1 },
    ]);
  });

  it('fails when the store is away, to be tried again', async () => {
    const { id } = await accept(unsignedBundle(3).bytes);
    const context = {
      config: { unbundleMaxItems: 10, unbundleMaxDepth: 1 },
      unbundlings: new Unbundlings(opened.writer),
      read: () => {
        throw new Error('the store is away');
      },
    } as unknown as StageContext;
    const stage = stages.unbundleBdi(context);
    const job = { itemId: id.toString('base64url') };
    await expect(stage(job, new AbortController().signal)).rejects.toThrow('the store is away');
    expect(await row()).toMatchObject({ state: 'waiting' });
  });
});
