import { Bundles, type Database, DataItems, Planning } from '@bundler/adapters';
import { createDatabase, openTestDatabase, type TestDatabase } from '../src/index.ts';
import { bundleOf, insertItems, newItem, newSegment } from './fixtures/rows.ts';

const name = (id: Buffer): string => id.toString('base64url');

describe('data items in PostgreSQL', () => {
  let database: TestDatabase;
  let opened: Database;
  let items: DataItems;

  beforeAll(async () => {
    database = await createDatabase();
    opened = await openTestDatabase(database.url, 10);
    items = new DataItems(opened);
  });
  afterAll(async () => {
    await opened?.close();
    await database?.drop();
  });

  it('tells which of a group were new', async () => {
    const [first, second, third] = [newItem(), newItem(), newItem()];
    expect(await items.insertGroup(newSegment(), [first, second])).toEqual(new Set([name(first.id), name(second.id)]));
    expect(await items.insertGroup(newSegment(), [second, third])).toEqual(new Set([name(third.id)]));
  });

  it('takes the same insert again as done: its items are found in its own segment', async () => {
    const segment = newSegment();
    const item = newItem();
    await items.insertGroup(segment, [item]);
    expect(await items.insertGroup(segment, [item])).toEqual(new Set());
    expect((await items.findKnown([item.id])).get(name(item.id))).toMatchObject({
      segmentId: segment.id,
      failed: false,
    });
  });

  it('answers a duplicate with the facts of the first receipt, to the last digit', async () => {
    const item = newItem({ receivedAt: 1_700_000_000_123, winc: '9'.repeat(40), deadlineHeight: 1_234_567 });
    await items.insertGroup(newSegment(), [item]);
    await items.insertGroup(newSegment(), [{ ...item, receivedAt: Date.now(), winc: '1', deadlineHeight: 1 }]);
    const known = (await items.findKnown([item.id, newItem().id])).get(name(item.id));
    expect(known).toMatchObject({
      id: item.id,
      ownerAddress: item.ownerAddress,
      receivedAt: 1_700_000_000_123,
      winc: '9'.repeat(40),
      deadlineHeight: 1_234_567,
      receiptKey: item.receiptKey,
    });
  });

  it.each([
    ['a text with a zero byte', { contentType: 'text/\0plain' }, '22021'],
    ['a number with too many digits', { winc: '9'.repeat(41) }, '22003'],
    ['an id of the wrong length', { id: Buffer.alloc(31) }, '23514'],
  ])('refuses a group with %s by a code that says so, and keeps none of it', async (_, facts, code) => {
    const [good, bad] = [newItem(), newItem(facts)];
    const segment = newSegment();
    await expect(items.insertGroup(segment, [good, bad])).rejects.toMatchObject({ code });
    expect((await items.findKnown([good.id])).size).toBe(0);
    // Each alone, as the caller does then: one is taken and the other refused.
    expect(await items.insertGroup(segment, [good])).toEqual(new Set([name(good.id)]));
    await expect(items.insertGroup(segment, [bad])).rejects.toMatchObject({ code });
  });

  it('takes groups of the same items in different orders at once, each item by one of them', async () => {
    const group = Array.from({ length: 300 }, () => newItem());
    const orders = [group, [...group].reverse(), [...group].sort(() => 0.5 - Math.random()), group];
    const inserted = await Promise.all(orders.map((order) => items.insertGroup(newSegment(), order)));
    expect(inserted.reduce((sum, ids) => sum + ids.size, 0)).toBe(group.length);
    expect(new Set(inserted.flatMap((ids) => [...ids])).size).toBe(group.length);
  });

  it('gives a failed item another life, once', async () => {
    const { accepted } = await insertItems(items, 2);
    const [failed, other] = accepted as [(typeof accepted)[0], (typeof accepted)[0]];
    const bundle = bundleOf(accepted);
    await new Planning(opened.writer).transaction((planning) => planning.insertBundle('default', bundle));
    await new Bundles(opened.writer).failItems(bundle.id, [failed.id], 'bytes_lost');
    expect(await items.findState(failed.id)).toMatchObject({ failedReason: 'bytes_lost', bundleState: null });
    expect((await items.findKnown([failed.id])).get(name(failed.id))?.failed).toBe(true);

    const segment = newSegment();
    const again = { ...failed, segmentOffset: 7, receivedAt: 1_700_000_000_000, winc: '5', deadlineHeight: 300 };
    await items.insertGroup(segment, [again]);
    const revivals = await Promise.all([1, 2, 3].map(() => items.revive(segment, again)));
    expect(revivals.toSorted()).toEqual(['not failed', 'not failed', 'revived']);
    expect((await items.findKnown([failed.id])).get(name(failed.id))).toMatchObject({
      segmentId: segment.id,
      failed: false,
      receivedAt: 1_700_000_000_000,
      winc: '5',
    });
    expect(await items.findState(failed.id)).toMatchObject({ failedReason: null, bundleState: null });
    // One that has not failed keeps what its receipt says.
    expect(await items.revive(segment, { ...other, winc: '77' })).toBe('not failed');
    expect((await items.findKnown([other.id])).get(name(other.id))?.winc).toBe('0');
  });

  it('does not know what was never accepted', async () => {
    expect(await items.findState(newItem().id)).toBeUndefined();
  });
});
