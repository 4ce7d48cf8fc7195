import { Bundles, type Database, DataItems, Planning } from '@bundler/adapters';
import type { QueueName } from '@bundler/contract';
import { createLogger, createMetrics, type Metrics } from '@bundler/runtime';
import { type StageContext, stages } from '@bundler/workers';
import { createDatabase, openTestDatabase, type TestDatabase } from '../src/index.ts';
import { insertItems } from './fixtures/rows.ts';

const MAX_ITEMS = 20;
const MAX_BYTES = 1_000_000;
const OVERDUE_MS = 60_000;

describe('planning in PostgreSQL', () => {
  let database: TestDatabase;
  let opened: Database;
  let items: DataItems;
  let bundles: Bundles;
  let now: number;
  let metrics: Metrics;
  /** The jobs that were added: queue and bundle. */
  let woken: [QueueName, string | undefined][];

  beforeEach(async () => {
    database = await createDatabase();
    opened = await openTestDatabase(database.url, 10);
    items = new DataItems(opened);
    bundles = new Bundles(opened.writer);
    now = Date.now();
    metrics = createMetrics();
    woken = [];
  });
  afterEach(async () => {
    await opened.close();
    await database.drop();
  });

  /** Runs as many planners at once; each takes what it finds until there is nothing to pack. */
  async function plan(planners: number): Promise<void> {
    const add = async (queue: QueueName, payload: { bundleId?: string }): Promise<boolean> => {
      woken.push([queue, payload.bundleId]);
      return true;
    };
    const run = stages.plan({
      config: { maxBundleItems: MAX_ITEMS, maxBundleSize: MAX_BYTES, overdueThreshold: OVERDUE_MS },
      planning: new Planning(opened.writer),
      jobs: { add },
      logger: createLogger('test', 'error'),
      metrics,
      now: () => now,
    } as unknown as StageContext);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: planners }, () => run({ trigger: 'test' }, signal)));
  }

  /** The sizes of the planned bundles, largest first, and the ids of their items. */
  async function planned(): Promise<{ sizes: number[]; ids: string[] }> {
    const found = await Promise.all((await bundles.takeStill('planned', 0, 1000)).map(({ id }) => bundles.items(id)));
    return {
      sizes: found.map((bundle) => bundle.length).sort((a, b) => b - a),
      ids: found.flatMap((bundle) => bundle.map(({ id }) => id.toString('hex'))),
    };
  }

  it('packs every item once into full bundles, with five planners at work', async () => {
    const { accepted } = await insertItems(items, 10 * MAX_ITEMS);
    await plan(5);
    const { sizes, ids } = await planned();
    expect(sizes).toEqual(Array.from({ length: 10 }, () => MAX_ITEMS));
    expect(ids.sort()).toEqual(accepted.map(({ id }) => id.toString('hex')).sort());
  });

  it('leaves what fills no bundle until it is overdue, and then packs it as one', async () => {
    await insertItems(items, 3 * MAX_ITEMS + 7);
    await plan(5);
    expect((await planned()).sizes).toEqual([MAX_ITEMS, MAX_ITEMS, MAX_ITEMS]);
    now += OVERDUE_MS - 5000;
    await plan(5);
    expect((await planned()).sizes).toHaveLength(3);
    now += 10_000;
    await plan(5);
    expect((await planned()).sizes).toEqual([MAX_ITEMS, MAX_ITEMS, MAX_ITEMS, 7]);
  });

  it('makes no fragments when planners meet many overdue items', async () => {
    await insertItems(items, 5 * MAX_ITEMS + 3, { receivedAt: now - 2 * OVERDUE_MS });
    await plan(5);
    const { sizes, ids } = await planned();
    expect(sizes).toEqual([...Array.from({ length: 5 }, () => MAX_ITEMS), 3]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('keeps the types apart', async () => {
    await insertItems(items, 4, { featureType: 'a', receivedAt: now - 2 * OVERDUE_MS });
    await insertItems(items, 5, { featureType: 'b', receivedAt: now - 2 * OVERDUE_MS });
    expect((await new Planning(opened.writer).waitingFeatureTypes()).sort()).toEqual(['a', 'b']);
    await plan(3);
    expect((await planned()).sizes).toEqual([5, 4]);
    expect(await new Planning(opened.writer).waitingFeatureTypes()).toEqual([]);
  });

  it('sets aside each item above a bundle, at once and in a bundle of its own, and packs the others as ever', async () => {
    const { accepted: large } = await insertItems(items, 3, { byteCount: MAX_BYTES + 1 });
    await insertItems(items, 1, { byteCount: MAX_BYTES });
    await insertItems(items, 4);
    await plan(5);
    const still = await bundles.takeStill('planned', 0, 1000);
    const oversized = still.filter((bundle) => bundle.oversized).map(({ id }) => id);
    const alone = (await Promise.all(oversized.map((id) => bundles.items(id)))).flat();
    expect(alone.map(({ id }) => id.toString('hex')).sort()).toEqual(large.map(({ id }) => id.toString('hex')).sort());
    // The item of exactly a bundle's size is one, and the four small ones are not overdue.
    expect((await planned()).sizes).toEqual([1, 1, 1, 1]);
    const wokenIn = (lane: QueueName) =>
      woken.flatMap(([queue, bundleId]) => (queue === lane ? [bundleId] : [])).sort();
    expect(wokenIn('oversizedDataItem')).toEqual([...oversized].sort());
    expect(wokenIn('prepare')).toEqual(still.filter((bundle) => !bundle.oversized).map(({ id }) => id));
    expect(await metrics.registry.getSingleMetricAsString('oversized_data_items_total')).toMatch(/_total 3$/m);
  });

  it('lets only one planner pack a remainder of a type, until its transaction ends', async () => {
    const planning = new Planning(opened.writer);
    await planning.transaction(async (first) => {
      expect(await first.lockRemainder('a')).toBe(true);
      await planning.transaction(async (second) => {
        expect(await second.lockRemainder('a')).toBe(false);
        expect(await second.lockRemainder('b')).toBe(true);
      });
    });
    await planning.transaction(async (third) => expect(await third.lockRemainder('a')).toBe(true));
  });

  it('gives the items back when a planner dies before its commit', async () => {
    await insertItems(items, 3);
    const planning = new Planning(opened.writer);
    const dying = planning.transaction(async (transaction) => {
      expect(await transaction.takeWaiting('default', 10)).toHaveLength(3);
      expect(await planning.transaction((other) => other.takeWaiting('default', 10))).toEqual([]);
      throw new Error('dies');
    });
    await expect(dying).rejects.toThrow('dies');
    expect(await planning.transaction((other) => other.takeWaiting('default', 10))).toHaveLength(3);
  });
});
