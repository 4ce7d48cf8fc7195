import { randomBytes, randomUUID } from 'node:crypto';
import { type AcceptedItem, Bundles, type Database, DataItems, Planning } from '@bundler/adapters';
import { createDatabase, openTestDatabase, type TestDatabase } from '../src/index.ts';
import { age, bundleOf, insertItems } from './fixtures/rows.ts';

const MAX_FAILURES = 2;

describe('bundles in PostgreSQL', () => {
  let database: TestDatabase;
  let opened: Database;
  let items: DataItems;
  let bundles: Bundles;
  let planning: Planning;

  beforeAll(async () => {
    database = await createDatabase();
    opened = await openTestDatabase(database.url, 10);
    items = new DataItems(opened);
    bundles = new Bundles(opened.writer);
    planning = new Planning(opened.writer);
  });
  afterAll(async () => {
    await opened?.close();
    await database?.drop();
  });
  beforeEach(async () => {
    await opened.writer.raw('truncate bundles, data_items, segments');
  });

  async function planBundle(accepted: readonly AcceptedItem[]): Promise<string> {
    const bundle = bundleOf(accepted);
    await planning.transaction((transaction) => transaction.insertBundle('default', bundle));
    return bundle.id;
  }

  const prepared = () => ({ txId: randomBytes(32), tx: { a: 1 }, signedHeight: 7, chunkHashes: randomBytes(64) });

  /** A bundle of one item that has come as far as `seeded`. */
  async function seededBundle(): Promise<string> {
    const id = await planBundle((await insertItems(items, 1)).accepted);
    await bundles.markPrepared(id, prepared());
    await bundles.markPosted(id);
    await bundles.markSeeded(id);
    return id;
  }

  it('gives the items in their order, with the place of their bytes', async () => {
    const { accepted, segment } = await insertItems(items, 3);
    const id = await planBundle([...accepted].reverse());
    expect(await bundles.items(id)).toEqual(
      [...accepted].reverse().map((item) => ({
        id: item.id,
        byteCount: 100,
        extents: [{ objectKey: segment.objectKey, start: item.segmentOffset, byteCount: 100 }],
      })),
    );
  });

  it('moves once, and only from the state that the move starts from', async () => {
    const id = await planBundle((await insertItems(items, 1)).accepted);
    expect(await bundles.markPosted(id)).toBe(false);
    const tries = [prepared(), prepared(), prepared()];
    const moved = await Promise.all(tries.map((facts) => bundles.markPrepared(id, facts)));
    expect(moved.filter(Boolean)).toHaveLength(1);
    const winner = tries[moved.indexOf(true)]!;
    expect(await bundles.find(id)).toMatchObject({
      state: 'prepared',
      txId: winner.txId,
      tx: { a: 1 },
      signedHeight: 7,
    });
    expect(await bundles.chunkHashes(id)).toEqual(winner.chunkHashes);
    expect(await bundles.markPosted(id)).toBe(true);
    expect(await bundles.markPosted(id)).toBe(false);
  });

  it('remembers the hashes of the first chunks while a bundle is planned, never fewer than before', async () => {
    const id = await planBundle((await insertItems(items, 1)).accepted);
    expect(await bundles.chunkHashes(id)).toBeUndefined();
    const hashes = randomBytes(96);
    await bundles.saveHashes(id, hashes.subarray(0, 64));
    await bundles.saveHashes(id, randomBytes(32));
    await bundles.saveHashes(id, randomBytes(64));
    expect(await bundles.chunkHashes(id)).toEqual(hashes.subarray(0, 64));
    await bundles.saveHashes(id, hashes);
    expect(await bundles.chunkHashes(id)).toEqual(hashes);
    const facts = prepared();
    await bundles.markPrepared(id, facts);
    await bundles.saveHashes(id, randomBytes(128));
    expect(await bundles.chunkHashes(id)).toEqual(facts.chunkHashes);
  });

  it('remembers how far seeding came, never backwards, and forgets it when chunks were lost', async () => {
    const id = await planBundle((await insertItems(items, 1)).accepted);
    await bundles.markPrepared(id, prepared());
    await bundles.markPosted(id);
    await bundles.saveSeedProgress(id, 8);
    await bundles.saveSeedProgress(id, 3);
    expect(await bundles.find(id)).toMatchObject({ seededChunks: 8 });
    await bundles.markSeeded(id);
    await bundles.saveSeedProgress(id, 9);
    expect(await bundles.find(id)).toMatchObject({ seededChunks: 8 });
    expect(await bundles.markUnseeded(id)).toBe(true);
    expect(await bundles.find(id)).toMatchObject({ state: 'posted', seededChunks: 0 });
  });

  it('lets the items of a failed bundle wait again, and ends those whose bundles failed too often', async () => {
    const { accepted } = await insertItems(items, 2);
    const state = async () => Promise.all(accepted.map(({ id }) => items.findState(id)));
    for (let failure = 1; failure <= MAX_FAILURES; failure += 1) {
      const id = await planBundle(accepted);
      expect(await bundles.fail(id, 'planned', 'dropped', MAX_FAILURES)).toEqual({ repacked: 2, failed: 0 });
      expect(await bundles.fail(id, 'planned', 'dropped', MAX_FAILURES)).toBeUndefined();
      expect(await state()).toMatchObject(accepted.map(() => ({ bundleState: null, failedReason: null })));
    }
    const fresh = await insertItems(items, 1);
    const id = await planBundle([...accepted, ...fresh.accepted]);
    expect(await bundles.fail(id, 'planned', 'dropped', MAX_FAILURES)).toEqual({ repacked: 1, failed: 2 });
    expect(await state()).toMatchObject(accepted.map(() => ({ failedReason: 'too_many_failures' })));
    const waiting = await planning.transaction((transaction) => transaction.takeWaiting('default', 10));
    expect(waiting.map((item) => item.id)).toEqual(fresh.accepted.map((item) => item.id));
  });

  it('fails a bundle once when several workers give it up', async () => {
    const { accepted } = await insertItems(items, 3);
    const id = await planBundle(accepted);
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => bundles.fail(id, 'planned', 'dropped', MAX_FAILURES)));
    expect(outcomes.filter((outcome) => outcome !== undefined)).toEqual([{ repacked: 3, failed: 0 }]);
    const rows = await opened.writer('data_items').select('failed_bundles');
    expect(rows).toEqual(accepted.map(() => ({ failed_bundles: 1 })));
  });

  it('finds what has stood still long enough, each in its turn', async () => {
    const first = await planBundle((await insertItems(items, 1)).accepted);
    await age(opened.writer, 'bundles', 'moved_at', 60_000);
    const second = await planBundle((await insertItems(items, 1)).accepted);
    await age(opened.writer, 'bundles', 'moved_at', 60_000);
    const third = await planBundle((await insertItems(items, 1)).accepted);
    const take = async (limit: number, olderThanMs = 30_000): Promise<string[]> =>
      (await bundles.takeStill('planned', olderThanMs, limit)).map(({ id }) => id).sort();
    expect([await take(1), await take(1), await take(1)]).toEqual([[first], [second], [first]]);
    expect(await take(10)).toEqual([first, second].sort());
    expect(await bundles.takeStill('posted', 0, 10)).toEqual([]);
    await bundles.markPrepared(first, prepared());
    expect(await take(10, 0)).toEqual([second, third].sort());
    expect(await bundles.takeStill('prepared', 30_000, 10)).toEqual([]);
  });

  it('keeps what a bundle was planned as, and tells it whoever puts the bundle back to work', async () => {
    const { accepted } = await insertItems(items, 1);
    const bundle = { ...bundleOf(accepted), oversized: true };
    await planning.transaction((transaction) => transaction.insertBundle('default', bundle));
    expect(await bundles.find(bundle.id)).toMatchObject({ oversized: true });
    expect(await bundles.takeStill('planned', 0, 10)).toEqual([{ id: bundle.id, oversized: true }]);
  });

  it('hands out seeded bundles in turns, and no others', async () => {
    const all = new Set<string>();
    for (let made = 0; made < 6; made += 1) all.add(await seededBundle());
    await planBundle((await insertItems(items, 1)).accepted);
    const first = await bundles.takeForVerification(3);
    const second = await bundles.takeForVerification(3);
    expect(new Set([...first, ...second])).toEqual(all);
    const third = await bundles.takeForVerification(3);
    const fourth = await bundles.takeForVerification(3);
    expect(new Set([...third, ...fourth])).toEqual(all);
    await bundles.markPermanent(third[0]!, 99);
    expect(await bundles.takeForVerification(10)).toHaveLength(5);
  });

  it('does not know a bundle that never was', async () => {
    expect(await bundles.find(randomUUID())).toBeUndefined();
    expect(await bundles.fail(randomUUID(), 'planned', 'dropped', 1)).toBeUndefined();
  });
});
