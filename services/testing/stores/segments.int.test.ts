import { randomBytes, randomUUID } from 'node:crypto';
import { type AcceptedItem, Bundles, type Database, DataItems, Planning, Segments } from '@bundler/adapters';
import { createDatabase, openTestDatabase, type TestDatabase } from '../src/index.ts';
import { age, bundleOf, insertItems, newSegment } from './fixtures/rows.ts';

const KEPT_MS = 60_000;

describe('segments in PostgreSQL', () => {
  let database: TestDatabase;
  let opened: Database;
  let items: DataItems;
  let bundles: Bundles;
  let segments: Segments;

  beforeAll(async () => {
    database = await createDatabase();
    opened = await openTestDatabase(database.url);
    items = new DataItems(opened);
    bundles = new Bundles(opened.writer);
    segments = new Segments(opened.writer);
  });
  afterAll(async () => {
    await opened?.close();
    await database?.drop();
  });
  beforeEach(async () => {
    await opened.writer.raw('truncate bundles, data_items, segments');
  });

  const spent = async (): Promise<string[]> => (await segments.findSpent(KEPT_MS, 10)).map(({ id }) => id);

  async function planBundle(accepted: readonly AcceptedItem[]): Promise<string> {
    const bundle = bundleOf(accepted);
    await new Planning(opened.writer).transaction((planning) => planning.insertBundle('default', bundle));
    return bundle.id;
  }

  async function makePermanent(id: string): Promise<void> {
    const facts = { txId: randomBytes(32), tx: {}, signedHeight: 1, chunkHashes: randomBytes(32) };
    await bundles.markPrepared(id, facts);
    await bundles.markPosted(id);
    await bundles.markSeeded(id);
    await bundles.markPermanent(id, 2);
  }

  it('finds a segment spent only when all of its items have been permanent or failed for long enough', async () => {
    const { accepted, segment } = await insertItems(items, 3);
    await age(opened.writer, 'segments', 'created_at', KEPT_MS);
    const [one, two, three] = accepted as [AcceptedItem, AcceptedItem, AcceptedItem];
    expect(await spent()).toEqual([]);

    const first = await planBundle([one]);
    await makePermanent(first);
    await age(opened.writer, 'bundles', 'moved_at', KEPT_MS);
    expect(await spent()).toEqual([]);

    await bundles.failItems(await planBundle([two]), [two.id], 'bytes_lost');
    await age(opened.writer, 'data_items', 'failed_at', KEPT_MS);
    expect(await spent()).toEqual([]);

    const last = await planBundle([three]);
    await makePermanent(last);
    expect(await spent()).toEqual([]);
    await age(opened.writer, 'bundles', 'moved_at', KEPT_MS - 5000);
    expect(await spent()).toEqual([]);
    await age(opened.writer, 'bundles', 'moved_at', 5000);
    expect(await spent()).toEqual([segment.id]);
  });

  it('keeps the segment of an item whose bundle failed and that waits again', async () => {
    const { accepted } = await insertItems(items, 1);
    await bundles.fail(await planBundle(accepted), 'planned', 'dropped', 10);
    for (const [table, column] of [
      ['segments', 'created_at'],
      ['bundles', 'moved_at'],
    ] as const) {
      await age(opened.writer, table, column, 10 * KEPT_MS);
    }
    expect(await spent()).toEqual([]);
  });

  it('finds a segment spent whose items are all in other segments, but not while it is young', async () => {
    const { accepted } = await insertItems(items, 1);
    const duplicate = newSegment();
    await items.insertGroup(duplicate, accepted);
    expect(await spent()).toEqual([]);
    await age(opened.writer, 'segments', 'created_at', KEPT_MS);
    expect(await spent()).toEqual([duplicate.id]);
    await segments.delete(duplicate.id);
    expect(await spent()).toEqual([]);
    expect(await segments.find(duplicate.id)).toBeUndefined();
  });

  it('tells the keys that no segment names', async () => {
    const { segment } = await insertItems(items, 1);
    expect(await segments.find(segment.id)).toEqual(segment);
    const unknown = `segments/aa/${randomUUID()}`;
    expect(await segments.unknownKeys([segment.objectKey, unknown, 'segments/aa/not-ours'])).toEqual([unknown]);
    expect(await segments.unknownKeys([])).toEqual([]);
  });
});
