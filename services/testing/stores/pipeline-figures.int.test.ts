import { randomBytes } from 'node:crypto';
import { type AcceptedItem, Bundles, type Database, DataItems, Planning, readPipelineFigures } from '@bundler/adapters';
import { createDatabase, openTestDatabase, type TestDatabase } from '../src/index.ts';
import { bundleOf, insertItems } from './fixtures/rows.ts';

describe('the figures of the pipeline', () => {
  let database: TestDatabase;
  let opened: Database;
  let items: DataItems;
  let bundles: Bundles;

  beforeAll(async () => {
    database = await createDatabase();
    opened = await openTestDatabase(database.url, 4);
    items = new DataItems(opened);
    bundles = new Bundles(opened.writer);
  });
  afterAll(async () => {
    await opened?.close();
    await database?.drop();
  });
  beforeEach(() => opened.writer.raw('truncate bundles, data_items, segments'));

  const read = () => readPipelineFigures(opened.reader);

  async function planned(count: number): Promise<{ id: string; accepted: readonly AcceptedItem[] }> {
    const { accepted } = await insertItems(items, count);
    const bundle = bundleOf(accepted);
    await new Planning(opened.writer).transaction((transaction) => transaction.insertBundle('default', bundle));
    return { id: bundle.id, accepted };
  }

  const prepare = (id: string) =>
    bundles.markPrepared(id, { txId: randomBytes(32), tx: {}, signedHeight: 1, chunkHashes: randomBytes(32) });

  const backdate = (id: string, column: 'entered_at' | 'moved_at', seconds: number) =>
    opened.writer.raw(`update bundles set ${column} = now() - make_interval(secs => ?) where id = ?`, [seconds, id]);

  it('are nothing in an empty database', async () => {
    expect(await read()).toEqual({
      waiting: { bundles: 0, items: 0, ageSeconds: 0 },
      open: new Map(),
      failed: { bundles: 0, items: 0, ageSeconds: 0 },
      unaccounted: 0,
    });
  });

  it('are where items and bundles are on their way, and for how long the first of each state', async () => {
    await insertItems(items, 3);
    const [old, young] = [await planned(2), await planned(4)];
    await backdate(old.id, 'entered_at', 600);
    const posted = await planned(5);
    await prepare(posted.id);
    await bundles.markPosted(posted.id);
    const { open, waiting } = await read();
    expect(waiting.items).toBe(3);
    expect([...open.keys()].toSorted()).toEqual(['planned', 'posted']);
    expect(open.get('planned')).toMatchObject({ bundles: 2, items: 6 });
    expect(Math.round(open.get('planned')!.ageSeconds / 10)).toBe(60);
    expect(open.get('posted')).toMatchObject({ bundles: 1, items: 5 });
    // A move begins a new age; a step within a state does not.
    await backdate(posted.id, 'entered_at', 300);
    await bundles.saveSeedProgress(posted.id, 64);
    expect((await read()).open.get('posted')!.ageSeconds).toBeGreaterThan(299);
    await bundles.markSeeded(posted.id);
    expect((await read()).open.get('seeded')!.ageSeconds).toBeLessThan(60);
    expect((await bundles.find(young.id))!.enteredAt).toBeGreaterThan(Date.now() - 60_000);
    expect((await bundles.find(old.id))!.enteredAt).toBeLessThan(Date.now() - 590_000);
  });

  it('leave out what is permanent, and keep what has failed', async () => {
    const [done, lost] = [await planned(2), await planned(3)];
    await prepare(done.id);
    await bundles.markPosted(done.id);
    await bundles.markSeeded(done.id);
    await bundles.markPermanent(done.id, 5);
    await bundles.failItems(lost.id, [lost.accepted[0]!.id], 'missing_from_object_store');
    const { failed, open, unaccounted, waiting } = await read();
    expect([failed.bundles, failed.items, waiting.items, open.size, unaccounted]).toEqual([1, 1, 2, 0, 0]);
  });

  it('count items that nothing carries on: of a bundle that has failed, or that has lost them', async () => {
    const [failed, robbed] = [await planned(4), await planned(3)];
    // No code of ours does either; a mistake by hand or of a later version would.
    await opened.writer.raw(`update bundles set state = 'failed' where id = ?`, [failed.id]);
    await opened.writer.raw('delete from data_items where id = ?', [robbed.accepted[0]!.id]);
    expect((await read()).unaccounted).toBe(4 + 1);
  });

  it('know the ages of the items of a bundle', async () => {
    const { id, accepted } = await planned(3);
    await opened.writer.raw(`update data_items set received_at = now() - interval '100 seconds'`);
    await opened.writer.raw(`update data_items set received_at = now() - interval '7 seconds' where id = ?`, [
      accepted[0]!.id,
    ]);
    const ages = (await bundles.itemAges(id)).toSorted((one, other) => one.seconds - other.seconds);
    expect(ages.map((age) => age.items)).toEqual([1, 2]);
    expect(ages[0]!.seconds).toBeLessThan(60);
    expect(ages[1]!.seconds).toBeGreaterThanOrEqual(100);
  });
});
