import { ApiError, type Progress, type ProgressStage } from '@bundler/contract';
import { createLogger, createMetrics } from '@bundler/runtime';
import { type Follower, ProgressHub, type ProgressHubOptions } from './hub.ts';
import type { ProgressSource } from './sources.ts';

const { jest } = import.meta;

/** Somebody who knows what the test tells it, and writes down what it is asked. */
function source(name: string) {
  const known = new Map<string, Progress>();
  const asked: string[][] = [];
  const made = {
    name,
    known,
    asked,
    broken: false,
    set: (id: string, stage: ProgressStage, receivedByteCount?: number) =>
      known.set(id, { id, stage, ...(receivedByteCount === undefined ? {} : { receivedByteCount }) }),
    find: async (ids: readonly string[]) => {
      asked.push([...ids]);
      if (made.broken) throw new Error('away');
      return known;
    },
  };
  return made satisfies ProgressSource;
}

function follower() {
  const told: string[] = [];
  const made = {
    told,
    progress: ({ stage, receivedByteCount }: Progress) =>
      void told.push(receivedByteCount === undefined ? stage : `${stage} ${receivedByteCount}`),
    unknown: () => void told.push('unknown'),
    moveOn: () => void told.push('moveOn'),
  };
  return made satisfies Follower;
}

const hubs: ProgressHub[] = [];

function start(options: Partial<ProgressHubOptions> = {}) {
  const reports = source('reports');
  const items = source('items');
  const hub = new ProgressHub({
    reports,
    sources: [items],
    intervalMs: 1000,
    unknownAfterMs: 30_000,
    maxFollowers: 1000,
    clock: () => performance.now(),
    logger: createLogger('test', 'fatal'),
    metrics: createMetrics(),
    ...options,
  });
  hubs.push(hub);
  return { hub, reports, items };
}

describe('following uploads', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
  afterEach(() => {
    for (const hub of hubs.splice(0)) hub.close();
    jest.useRealTimers();
  });
  const pass = (ms: number): Promise<unknown> => jest.advanceTimersByTimeAsync(ms);

  it('asks one question for all, at once and then once an interval, and none when nobody follows', async () => {
    const { hub, items } = start();
    const leave = Array.from({ length: 200 }, (_, index) => {
      items.set(`id-${index}`, 'accepted');
      return hub.follow(`id-${index}`, follower());
    });
    await pass(100);
    expect(items.asked.map((ids) => ids.length)).toEqual([200]);
    await pass(4000);
    expect(items.asked.length).toBeGreaterThanOrEqual(4);
    expect(items.asked.length).toBeLessThanOrEqual(5);
    expect(new Set(items.asked.map((ids) => ids.length))).toEqual(new Set([200]));
    for (const done of leave) done();
    items.asked.length = 0;
    await pass(10_000);
    expect(items.asked).toEqual([]);
  });

  it('asks about an id once, however many follow it, and tells the last known to those who come later', async () => {
    const { hub, items } = start();
    items.set('a', 'posted');
    const [first, second] = [follower(), follower()];
    hub.follow('a', first);
    await pass(100);
    hub.follow('a', second);
    expect(second.told).toEqual(['posted']);
    expect(items.asked).toEqual([['a']]);
  });

  it('does not ask the database about uploads whose bytes are coming', async () => {
    const { hub, reports, items } = start();
    const one = follower();
    hub.follow('a', one);
    for (let bytes = 1; bytes <= 20; bytes += 1) {
      reports.set('a', 'receiving', bytes);
      await pass(250);
    }
    // Once, when it was new.
    expect(items.asked.length).toBe(1);
    expect(one.told.length).toBeGreaterThanOrEqual(15);
    // The process that reported is killed; another one accepts the item.
    items.set('a', 'accepted');
    await pass(2000);
    expect(one.told.at(-1)).toBe('accepted');
    reports.asked.length = 0;
    await pass(5000);
    expect(reports.asked).toEqual([]);
  });

  it('goes on with what the database says while reports cannot be read', async () => {
    const { hub, reports, items } = start();
    reports.broken = true;
    items.set('a', 'planned');
    const one = follower();
    hub.follow('a', one);
    await pass(100);
    expect(one.told).toEqual(['planned']);
  });

  it('tells after a while that nobody knows an id, but not while nobody can be asked', async () => {
    const { hub, items } = start();
    const one = follower();
    items.broken = true;
    const leave = hub.follow('a', one);
    await pass(40_000);
    expect(one.told).toEqual([]);
    items.broken = false;
    await pass(1500);
    expect(one.told[0]).toBe('unknown');
    leave();
  });

  it('waits for an upload that has not begun', async () => {
    const { hub, items } = start();
    const one = follower();
    hub.follow('a', one);
    await pass(20_000);
    expect(one.told).toEqual([]);
    items.set('a', 'accepted');
    await pass(1250);
    expect(one.told[0]).toBe('accepted');
    await pass(40_000);
    expect(one.told).not.toContain('unknown');
  });

  it('refuses more followers than it may have, until one leaves', async () => {
    const { hub } = start({ maxFollowers: 2 });
    hub.follow('a', follower());
    const leave = hub.follow('a', follower());
    expect(() => hub.follow('b', follower())).toThrow(ApiError);
    leave();
    expect(() => hub.follow('b', follower())).not.toThrow();
  });

  it('sends everybody on when it closes, and who comes after that', () => {
    const { hub } = start();
    const [before, after] = [follower(), follower()];
    hub.follow('a', before);
    hub.close();
    hub.follow('a', after);
    expect([before.told, after.told]).toEqual([['moveOn'], ['moveOn']]);
  });
});
