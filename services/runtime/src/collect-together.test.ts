import { type CollectOptions, collectTogether } from './collect-together.ts';
import { createMetrics, type Metrics } from './metrics.ts';

const MAX_AGE_MS = 10_000;

describe('figures that are read when somebody scrapes', () => {
  let metrics: Metrics;
  let now: number;
  let reads: number;

  beforeEach(() => {
    metrics = createMetrics();
    [now, reads] = [0, 0];
  });

  function collect(read: () => Promise<void>, options: Partial<CollectOptions> = {}): void {
    const counted = (): Promise<void> => {
      reads += 1;
      return read();
    };
    const gauges = [metrics.queueDepth, metrics.itemsUnaccounted];
    collectTogether(gauges, { maxAgeMs: MAX_AGE_MS, read: counted, now: () => now, ...options });
  }

  /** What a scrape shows of the two. */
  async function scrape(): Promise<(number | undefined)[]> {
    const text = await metrics.registry.metrics();
    return ['queue_depth{queue="plan"}', 'data_items_unaccounted'].map((name) => {
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.split(' ')[1]);
    });
  }

  const set = (value: number) => async (): Promise<void> => {
    metrics.queueDepth.set({ queue: 'plan' }, value);
    metrics.itemsUnaccounted.set(value);
  };

  it('are read once for all of them, and again when they are too old', async () => {
    collect(() => set(reads)());
    expect(await scrape()).toEqual([1, 1]);
    now = MAX_AGE_MS - 1;
    expect(await scrape()).toEqual([1, 1]);
    now = MAX_AGE_MS;
    expect(await scrape()).toEqual([2, 2]);
  });

  it('stand for a while when they cannot be read any more, and then are gone instead of 0', async () => {
    let broken = false;
    collect(async () => {
      if (broken) throw new Error('away');
      await set(7)();
    });
    expect(await scrape()).toEqual([7, 7]);
    broken = true;
    now = MAX_AGE_MS;
    expect(await scrape()).toEqual([7, 7]);
    now = 3 * MAX_AGE_MS;
    expect(await scrape()).toEqual([undefined, undefined]);
    broken = false;
    now = 4 * MAX_AGE_MS;
    expect(await scrape()).toEqual([7, 7]);
  });

  it('are not there before they were ever read', async () => {
    collect(() => Promise.reject(new Error('away')));
    expect(await scrape()).toEqual([undefined, undefined]);
  });

  it('hold no scrape up that would wait too long, and are shown to a later one', async () => {
    const gate = Promise.withResolvers<void>();
    collect(() => gate.promise.then(set(3)), { patienceMs: 5 });
    expect(await scrape()).toEqual([undefined, undefined]);
    now = 2 * MAX_AGE_MS;
    gate.resolve();
    await gate.promise;
    expect(await scrape()).toEqual([3, 3]);
    expect(reads).toBe(1);
  });
});
