import { randomBytes, randomUUID } from 'node:crypto';
import {
  type AcceptedItem,
  Bundles,
  type Database,
  DataItems,
  MultipartUploads,
  NestedItems,
  type NestedOffset,
  Planning,
  Unbundlings,
} from '@bundler/adapters';
import { createDatabase, openTestDatabase, type TestDatabase } from '../src/index.ts';
import { age, bundleOf, insertItems, newItem, newSegment } from './fixtures/rows.ts';

const KEPT_MS = 60_000;

describe('unbundlings in PostgreSQL', () => {
  let database: TestDatabase;
  let opened: Database;
  let items: DataItems;
  let unbundlings: Unbundlings;
  let nested: NestedItems;

  beforeAll(async () => {
    database = await createDatabase();
    opened = await openTestDatabase(database.url, 10);
    items = new DataItems(opened);
    unbundlings = new Unbundlings(opened.writer);
    nested = new NestedItems(opened);
  });
  afterAll(async () => {
    await opened?.close();
    await database?.drop();
  });
  beforeEach(async () => {
    await opened.writer.raw(
      'truncate bundles, data_items, segments, unbundlings, offset_batches, nested_items, multipart_uploads',
    );
  });

  const rowsOf = async <Row>(table: string): Promise<Row[]> => (await opened.writer(table).select('*')) as Row[];
  const stateOf = async ({ id }: { id: Buffer }): Promise<string | undefined> =>
    (await opened.writer('unbundlings').where({ item_id: id }).first())?.state;

  async function acceptCarrier(facts: Partial<AcceptedItem> = {}): Promise<AcceptedItem> {
    const { accepted } = await insertItems(items, 1, { carriesBundle: true, byteCount: 5000, ...facts });
    return accepted[0]!;
  }

  const offset = (index: number, parentId: Buffer, facts: Partial<NestedOffset> = {}): NestedOffset => ({
    id: randomBytes(32),
    parentId,
    start: 200 + index * 10,
    startInParentPayload: 100 + index * 10,
    byteCount: 10,
    payloadStart: 4,
    contentType: index % 2 === 0 ? null : "text/'plain",
    ...facts,
  });
  const offsets = (count: number, parentId: Buffer): NestedOffset[] =>
    Array.from({ length: count }, (_, index) => offset(index, parentId));

  async function record(item: AcceptedItem, found: readonly NestedOffset[]): Promise<void> {
    await unbundlings.keep({ itemId: item.id, batch: 0 }, found);
    await unbundlings.markParsed(item.id, found.length, {});
    await unbundlings.write({ itemId: item.id, batch: 0 });
  }

  it('is left to be done by items that carry bundles, and by no others', async () => {
    const plain = await insertItems(items, 3);
    const segment = newSegment();
    const carriers = [newItem({ carriesBundle: true }), newItem({ carriesBundle: true })];
    await items.insertGroup(segment, [newItem(), ...carriers]);
    const ids = (await unbundlings.waitingIn(segment.id)).map((id) => id.toString('hex'));
    expect(ids.sort()).toEqual(carriers.map(({ id }) => id.toString('hex')).sort());
    expect(await unbundlings.waitingIn(plain.segment.id)).toEqual([]);
    expect(await rowsOf('unbundlings')).toHaveLength(2);
    expect(await items.insertGroup(newSegment(), carriers)).toEqual(new Set());
    expect(await rowsOf('unbundlings')).toHaveLength(2);
  });

  it('tells where the bytes are, also those of an item in parts', async () => {
    const item = await acceptCarrier({ segmentOffset: 70, payloadStart: 81 });
    expect(await unbundlings.findWaiting(item.id)).toEqual({
      id: item.id,
      byteCount: 5000,
      payloadStart: 81,
      extents: [{ objectKey: expect.stringContaining('segments/'), start: 70, byteCount: 5000 }],
    });

    const uploads = new MultipartUploads(opened.writer);
    const uploadId = randomUUID();
    await uploads.create({ id: uploadId, chunkSize: 10, ttlMs: KEPT_MS, maxOpen: 10 });
    await uploads.putPart(uploadId, { id: randomUUID(), offset: 0, byteCount: 10, objectKey: 'parts/a' });
    await uploads.putPart(uploadId, { id: randomUUID(), offset: 10, byteCount: 5, objectKey: 'parts/b' });
    await uploads.requestFinalization(uploadId, 'arweave');
    const assembled = newItem({ carriesBundle: true, byteCount: 15, payloadStart: 3 });
    expect(await uploads.accept(uploadId, assembled, KEPT_MS)).toBe('accepted');
    expect(await unbundlings.waitingIn(uploadId)).toEqual([assembled.id]);
    expect(await unbundlings.findWaiting(assembled.id)).toMatchObject({
      payloadStart: 3,
      extents: [
        { objectKey: 'parts/a', start: 0, byteCount: 10 },
        { objectKey: 'parts/b', start: 0, byteCount: 5 },
      ],
    });
  });

  it('keeps batches, and is done when the last of them is written', async () => {
    const item = await acceptCarrier();
    const found = offsets(7, item.id);
    await unbundlings.keep({ itemId: item.id, batch: 0 }, found.slice(0, 5));
    await unbundlings.keep({ itemId: item.id, batch: 1 }, found.slice(5));
    expect(await unbundlings.markParsed(item.id, 7, { truncated: 2 })).toBe(true);
    expect(await stateOf(item)).toBe('parsed');
    expect(await unbundlings.write({ itemId: item.id, batch: 1 })).toEqual({ offsets: 2, last: false });
    expect(await unbundlings.write({ itemId: item.id, batch: 0 })).toEqual({ offsets: 5, last: true });
    expect(await unbundlings.write({ itemId: item.id, batch: 0 })).toBeUndefined();
    expect(await rowsOf('unbundlings')).toMatchObject([{ state: 'done', items: 7, problems: { truncated: 2 } }]);
    const rows = await opened.writer('nested_items').orderBy('start_in_root');
    expect(rows).toMatchObject(
      found.map((one) => ({
        root_item_id: item.id,
        id: one.id,
        parent_id: item.id,
        start_in_root: one.start,
        start_in_parent_payload: one.startInParentPayload,
        byte_count: 10,
        payload_start: 4,
        content_type: one.contentType,
      })),
    );
  });

  it('is done at once when nothing was found, or everything is written already', async () => {
    const empty = await acceptCarrier();
    await unbundlings.markParsed(empty.id, 0, {});
    expect(await stateOf(empty)).toBe('done');
    const quick = await acceptCarrier();
    await unbundlings.keep({ itemId: quick.id, batch: 0 }, offsets(1, quick.id));
    await unbundlings.write({ itemId: quick.id, batch: 0 });
    await unbundlings.markParsed(quick.id, 1, {});
    expect(await stateOf(quick)).toBe('done');
  });

  it('comes to the same rows when it is done again after it was cut off anywhere', async () => {
    const item = await acceptCarrier();
    const found = offsets(6, item.id);
    const keep = async (batch: number) =>
      unbundlings.keep({ itemId: item.id, batch }, found.slice(batch * 3, batch * 3 + 3));
    await keep(0);
    await unbundlings.write({ itemId: item.id, batch: 0 });
    // A second worker begins from the start.
    await keep(0);
    await keep(0);
    await keep(1);
    await unbundlings.markParsed(item.id, 6, {});
    expect(await unbundlings.markParsed(item.id, 6, {})).toBe(false);
    await unbundlings.write({ itemId: item.id, batch: 0 });
    await unbundlings.write({ itemId: item.id, batch: 1 });
    expect(await stateOf(item)).toBe('done');
    expect(await rowsOf('nested_items')).toHaveLength(6);
    // The first one goes on, unaware.
    await keep(1);
    expect(await rowsOf('offset_batches')).toEqual([]);
  });

  it('is done once by many workers at once', async () => {
    const item = await acceptCarrier();
    const found = offsets(40, item.id);
    const batches = Array.from({ length: 8 }, (_, batch) => ({ itemId: item.id, batch }));
    for (const place of batches) await unbundlings.keep(place, found.slice(place.batch * 5, place.batch * 5 + 5));
    const [parsed, ...written] = await Promise.all([
      unbundlings.markParsed(item.id, 40, {}),
      ...[...batches, ...batches].map((place) => unbundlings.write(place)),
    ]);
    expect(parsed).toBe(true);
    expect(written.filter((one) => one !== undefined)).toHaveLength(8);
    expect(await stateOf(item)).toBe('done');
    expect(await rowsOf('nested_items')).toHaveLength(40);
  });

  it('that failed is done again when its item is uploaded again after it had failed too', async () => {
    const item = await acceptCarrier();
    await unbundlings.fail(item.id, 'missing_from_object_store');
    expect(await unbundlings.fail(item.id, 'truncated')).toBe(false);
    const bundles = new Bundles(opened.writer);
    const bundle = bundleOf([item]);
    await new Planning(opened.writer).transaction((planning) => planning.insertBundle('default', bundle));
    await bundles.failItems(bundle.id, [item.id], 'missing_from_object_store');
    const segment = newSegment();
    expect(await items.revive(segment, item)).toBe('revived');
    expect(await unbundlings.waitingIn(segment.id)).toEqual([item.id]);
    expect(await items.revive(segment, item)).toBe('not failed');
  });

  it('is found when it stands still, each time that it has stood still for that long', async () => {
    const item = await acceptCarrier();
    await unbundlings.keep({ itemId: item.id, batch: 3 }, offsets(1, item.id));
    expect([await unbundlings.takeStill(KEPT_MS, 10), await unbundlings.takeStillBatches(KEPT_MS, 10)]).toEqual([
      [],
      [],
    ]);
    await age(opened.writer, 'unbundlings', 'checked_at', KEPT_MS);
    await age(opened.writer, 'offset_batches', 'checked_at', KEPT_MS);
    expect(await unbundlings.takeStill(KEPT_MS, 10)).toEqual([item.id]);
    expect(await unbundlings.takeStillBatches(KEPT_MS, 10)).toEqual([{ itemId: item.id, batch: 3 }]);
    expect([await unbundlings.takeStill(KEPT_MS, 10), await unbundlings.takeStillBatches(KEPT_MS, 10)]).toEqual([
      [],
      [],
    ]);
  });

  it('is forgotten when it is old, and what was found with it, a limited number at a time', async () => {
    const item = await acceptCarrier();
    await acceptCarrier();
    await record(item, offsets(5, item.id));
    expect(await nested.forget(KEPT_MS, 100)).toBe(0);
    expect(await unbundlings.forgetEnded(KEPT_MS, 100)).toBe(0);
    await age(opened.writer, 'nested_items', 'recorded_at', KEPT_MS);
    await age(opened.writer, 'unbundlings', 'moved_at', KEPT_MS);
    expect([await nested.forget(KEPT_MS, 3), await nested.forget(KEPT_MS, 3), await nested.forget(KEPT_MS, 3)]).toEqual(
      [3, 2, 0],
    );
    // What waits is not forgotten, however old.
    expect([await unbundlings.forgetEnded(KEPT_MS, 100), (await rowsOf('unbundlings')).length]).toEqual([1, 1]);
  });

  describe('an item inside of others', () => {
    it('is where it was found first, in an item that has not failed', async () => {
      const stranger = randomBytes(32);
      expect(await nested.find(stranger)).toBeUndefined();
      const [first, second, third] = [await acceptCarrier(), await acceptCarrier(), await acceptCarrier()];
      for (const [index, root] of [first, second, third].entries()) {
        await record(root, [offset(index, root.id, { id: stranger })]);
        await age(opened.writer, 'nested_items', 'recorded_at', 1000);
      }
      expect(await nested.find(stranger)).toMatchObject({ parentId: first.id, startInRoot: 200, failedReason: null });
      const bundle = bundleOf([first]);
      await new Planning(opened.writer).transaction((planning) => planning.insertBundle('default', bundle));
      await new Bundles(opened.writer).failItems(bundle.id, [first.id], 'bytes_lost');
      expect(await nested.find(stranger)).toMatchObject({ parentId: second.id, startInRoot: 210 });
    });

    it('is as far as the accepted item that holds it, and where that is in its bundle', async () => {
      const root = await acceptCarrier();
      const found = offset(0, root.id);
      await record(root, [found]);
      expect(await nested.find(found.id)).toMatchObject({ bundleState: null, bundleTxId: null, bundleOffset: null });
      const bundle = { ...bundleOf([root]), items: [{ id: root.id, bundleOffset: 96 }] };
      await new Planning(opened.writer).transaction((planning) => planning.insertBundle('default', bundle));
      const txId = randomBytes(32);
      await new Bundles(opened.writer).markPrepared(bundle.id, { txId, tx: {}, signedHeight: 1, chunkHashes: txId });
      expect(await nested.find(found.id)).toEqual({
        id: found.id,
        parentId: root.id,
        startInRoot: 200,
        startInParentPayload: 100,
        byteCount: 10,
        payloadStart: 4,
        contentType: null,
        failedReason: null,
        bundleOffset: 96,
        bundleState: 'prepared',
        bundleTxId: txId,
      });
    });
  });
});
