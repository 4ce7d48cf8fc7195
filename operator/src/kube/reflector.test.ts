import { FakeApiServer, hangUp, json, silence } from '../fixtures/fake-api-server.ts';
import { FakeClock } from '../fixtures/fake-clock.ts';
import { FakeCollection } from '../fixtures/fake-collection.ts';
import { silentLogger } from '../fixtures/silent-logger.ts';
import { until } from '../fixtures/until.ts';
import { createOperatorMetrics, type OperatorMetrics } from '../runtime/metrics.ts';
import { awaitVersion } from './await-version.ts';
import { Forbidden } from './errors.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import { resources } from './resources.ts';
import { RestApi } from './rest.ts';

let server: FakeApiServer;
let collection: FakeCollection;
let clock: FakeClock;
let metrics: OperatorMetrics;
let reflector: Reflector;
let changes: string[];

function createReflector(options: Partial<ReflectorOptions> = {}): Reflector {
  const created = new Reflector({
    api: new RestApi({ connection: server.connection, clock }),
    type: resources.configMaps,
    selection: { namespace: 'bundler' },
    clock,
    random: () => 0.5,
    logger: silentLogger,
    metrics,
    ...options,
  });
  created.onChange(({ type, key }) => changes.push(`${type} ${key.replace('bundler/', '')}`));
  return created;
}

const errors = async (): Promise<Record<string, number>> => valuesOf(await metrics.watchErrors.get());
const relists = async (): Promise<Record<string, number>> => valuesOf(await metrics.relists.get());

function valuesOf({
  values,
}: {
  values: { labels: Record<string, unknown>; value: number }[];
}): Record<string, number> {
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels.reason), value]));
}

/** Waits until so many lists and watches have failed; what follows is a pause. */
const failed = (times: number): Promise<void> =>
  until(async () => Object.values(await errors()).reduce((sum, value) => sum + value, 0) === times);

/** Waits for the failure of that number, and lets the pause behind it pass; returns how long that was. */
async function passPause(failure: number): Promise<number> {
  await failed(failure);
  const pause = clock.delays.at(-1)!;
  await clock.advance(pause);
  return pause;
}

/** Waits until a watch is open, and the client has seen that it is. */
const watching = (): Promise<void> => until(() => collection.open.size === 1);

beforeEach(async () => {
  server = await FakeApiServer.start();
  collection = new FakeCollection(server, resources.configMaps);
  clock = new FakeClock();
  metrics = createOperatorMetrics();
  changes = [];
  reflector = createReflector();
});
afterEach(async () => {
  await reflector.stop();
  await server.close();
});

describe('the first list', () => {
  test('may come from the cache of the server, and fills the store before anybody is told', async () => {
    collection.put('a');
    collection.put('b');
    const sizes: number[] = [];
    reflector.onChange(() => sizes.push(reflector.store.size));
    reflector.start();
    await reflector.synced;
    expect(collection.lists[0]?.query).toMatchObject({ resourceVersion: '0', limit: '500' });
    expect(changes).toEqual(['Added a', 'Added b']);
    expect(sizes).toEqual([2, 2]);
    expect(reflector.hasSynced).toBe(true);
    expect(await relists()).toEqual({ start: 1 });
  });

  test('that is slow only delays', async () => {
    collection.put('a');
    let answer: () => void = () => undefined;
    collection.nextList((received, response) => {
      answer = () => collection.list(received, response);
    });
    reflector.start();
    await until(() => collection.lists.length === 1);
    await clock.advance(59_000);
    expect(reflector.hasSynced).toBe(false);
    answer();
    await reflector.synced;
    expect(changes).toEqual(['Added a']);
  });

  test('that fails is tried again with growing pauses, for ever', async () => {
    for (let i = 0; i < 12; i += 1) collection.nextList(json(503, { message: 'starting' }));
    collection.put('a');
    reflector.start();
    const pauses: number[] = [];
    for (let failure = 1; failure <= 12; failure += 1) pauses.push(await passPause(failure));
    await reflector.synced;
    // Full jitter of 0.8 s doubling up to 30 s, with a die that always shows a half.
    expect(pauses).toEqual([400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000, 15_000, 15_000, 15_000, 15_000]);
    expect(await errors()).toEqual({ Unavailable: 12 });
  });
});

describe('watching', () => {
  beforeEach(async () => {
    collection.put('a', 'one');
    reflector.start();
    await watching();
    changes.length = 0;
  });

  test('begins where the list ended, asks for bookmarks and for an end between 240 and 480 s', () => {
    expect(collection.watches[0]?.query).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '2',
      timeoutSeconds: '360',
    });
  });

  test('follows every change, with plain frozen objects without managedFields', async () => {
    collection.put('b', 'x');
    collection.put('a', 'two');
    collection.remove('b');
    await until(() => changes.length === 3);
    expect(changes).toEqual(['Added b', 'Modified a', 'Deleted b']);
    const object = reflector.store.get('bundler', 'a');
    expect(object).toMatchObject({ value: 'two', metadata: { uid: 'uid-1' } });
    expect(object?.metadata).not.toHaveProperty('managedFields');
    expect(Object.isFrozen(object?.metadata)).toBe(true);
  });

  test('goes on from the last event when the connection breaks, without a list', async () => {
    collection.put('b');
    await until(() => changes.length === 1);
    collection.drop();
    await failed(1);
    collection.put('c');
    await clock.advance(400);
    await until(() => changes.length === 2);
    expect(changes).toEqual(['Added b', 'Added c']);
    expect(collection.watches[1]?.query.resourceVersion).toBe('3');
    expect(collection.lists).toHaveLength(1);
    expect(await errors()).toEqual({ Unavailable: 1 });
  });

  test('goes on from a bookmark, which is no change', async () => {
    collection.bookmark();
    const before = reflector.failingForMs;
    collection.put('b');
    await until(() => changes.length === 1);
    collection.bookmark();
    collection.end();
    await until(() => collection.watches.length === 2);
    expect(collection.watches[1]?.query.resourceVersion).toBe('5');
    expect(changes).toEqual(['Added b']);
    expect(before).toBe(0);
    expect(await errors()).toEqual({});
  });

  test('goes on when not a byte comes for 90 s, which the server would not do to a live connection', async () => {
    await clock.advance(89_999);
    expect(collection.open.size).toBe(1);
    await clock.advance(1);
    await failed(1);
    collection.put('b');
    await clock.advance(400);
    await until(() => changes.length === 1);
    expect(reflector.problem).toBeUndefined();
    expect(collection.lists).toHaveLength(1);
  });

  test('compares with a new list when its version is too old: what was missed is told, deletions too', async () => {
    collection.put('b', 'one');
    await until(() => changes.length === 1);
    collection.drop();
    await failed(1);
    collection.remove('a');
    collection.put('b', 'two');
    collection.put('c');
    collection.compact();
    await clock.advance(400);
    // The version was too old at the second try, so that is a failure after a failure, and waits.
    expect(await passPause(2)).toBe(800);
    await until(() => changes.length === 4);
    expect(changes).toEqual(['Added b', 'Deleted a', 'Modified b', 'Added c']);
    expect(collection.lists[1]?.query).not.toHaveProperty('resourceVersion');
    expect(await relists()).toEqual({ start: 1, expired: 1 });
  });

  test('does the same, at once, when the stream says so', async () => {
    collection.put('b', 'one');
    await until(() => changes.length === 1);
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    collection.nextList((received, response) => {
      collection.remove('a');
      collection.list(received, response);
    });
    collection.send({ type: 'ERROR', object: status });
    await until(() => changes.length === 2);
    expect(changes).toEqual(['Added b', 'Deleted a']);
    expect(await errors()).toEqual({ Gone: 1 });
  });

  test('sees a name that was used again as another object', async () => {
    const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    collection.nextList((received, response) => {
      collection.remove('a');
      collection.put('a', 'another');
      collection.list(received, response);
    });
    collection.send({ type: 'ERROR', object: gone });
    await until(() => changes.length === 2);
    expect(changes).toEqual(['Deleted a', 'Added a']);
    expect(reflector.store.get('bundler', 'a')?.metadata.uid).toBe('uid-2');
  });

  test('survives an error of the server inside of the stream, and keeps its place', async () => {
    collection.send({ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd has no leader' } });
    await failed(1);
    expect(reflector.problem?.message).toBe('watch /api/v1/namespaces/bundler/configmaps: etcd has no leader');
    await clock.advance(400);
    await until(() => collection.open.size === 1);
    expect(collection.lists).toHaveLength(1);
  });

  test('does not hurry a server that ends every watch at once', async () => {
    for (let i = 0; i < 3; i += 1) collection.nextWatch((_, response) => void response.writeHead(200).end());
    await clock.advance(5000);
    collection.end();
    const pauses = [await passPause(1), await passPause(2), await passPause(3)];
    expect(pauses).toEqual([400, 800, 1600]);
    await watching();
  });

  test('does not hurry a server that calls even its newest version too old', async () => {
    const gone = json(410, { code: 410, reason: 'Expired', message: 'too old' });
    for (let i = 0; i < 3; i += 1) collection.nextWatch(gone);
    await clock.advance(5000);
    collection.end();
    await failed(2);
    expect(collection.lists).toHaveLength(2);
    expect(await passPause(2)).toBe(800);
    await until(() => collection.lists.length === 3);
  });

  test('leaves a busy server alone for as long as it asks', async () => {
    collection.nextWatch(json(503, { message: 'busy' }, { 'retry-after': '12' }));
    await clock.advance(5000);
    collection.end();
    expect(await passPause(1)).toBe(12_000);
    await watching();
  });

  test('keeps trying when it is forbidden, and says so', async () => {
    collection.nextWatch(json(403, { message: 'configmaps is forbidden' }));
    await clock.advance(5000);
    collection.end();
    await failed(1);
    expect(reflector.problem).toBeInstanceOf(Forbidden);
    await clock.advance(400);
    await watching();
    collection.put('b');
    await until(() => changes.length === 1);
    expect(reflector.problem).toBeUndefined();
  });

  test('tells everybody else when a handler fails, and counts it', async () => {
    reflector.onChange(() => {
      throw new Error('a defect');
    });
    const later: string[] = [];
    reflector.onChange(({ key }) => later.push(key));
    collection.put('b');
    collection.put('c');
    await until(() => later.length === 2);
    expect((await metrics.handlerErrors.get()).values[0]?.value).toBe(2);
  });

  test('tells of every object again each 10 to 12 minutes, without a list', async () => {
    await clock.advance(89_000);
    for (let i = 0; i < 7; i += 1) {
      collection.bookmark();
      await until(async () => (await lastEvent()) === clock.date().getTime() / 1000);
      await clock.advance(80_000);
    }
    expect(changes).toEqual([]);
    collection.bookmark();
    await until(async () => (await lastEvent()) === clock.date().getTime() / 1000);
    await clock.advance(20_000);
    expect(changes).toEqual(['Resync a']);
    expect(collection.lists).toHaveLength(1);
  });
});

async function lastEvent(): Promise<number | undefined> {
  return (await metrics.watchLastEvent.get()).values[0]?.value;
}

describe('liveness', () => {
  test('grows from the first failure and is gone when a watch is accepted', async () => {
    collection.nextList(hangUp);
    collection.nextList(hangUp);
    reflector.start();
    expect(await passPause(1)).toBe(400);
    await failed(2);
    expect(reflector.failingForMs).toBe(400);
    expect(await passPause(2)).toBe(800);
    await reflector.synced;
    expect(reflector.failingForMs).toBe(0);
    await watching();
    collection.drop();
    await failed(3);
    const pause = clock.delays.at(-1)!;
    await clock.advance(pause - 1);
    expect(reflector.failingForMs).toBe(pause - 1);
    await clock.advance(1);
    await until(() => collection.open.size === 1 && reflector.failingForMs === 0);
  });
});

describe('stopping', () => {
  test.each([
    ['a list', () => collection.nextList(silence), () => collection.lists.length === 1],
    ['a pause', () => collection.nextList(hangUp), () => reflector.problem !== undefined],
    ['a watch that was not answered', () => collection.nextWatch(silence), () => collection.watches.length === 1],
    ['a watch', () => undefined, () => collection.open.size === 1],
  ])('in the middle of %s leaves nothing behind', async (_, prepare, reached) => {
    prepare();
    reflector.start();
    await until(reached);
    await reflector.stop();
    expect(clock.pending).toBe(0);
    await until(() => server.unfinished === 0);
    const asked = server.requests.length;
    await clock.advance(3_600_000);
    expect(server.requests).toHaveLength(asked);
  });

  test('before it began is possible', async () => {
    await reflector.stop();
    expect(server.requests).toHaveLength(0);
  });
});

describe('after a write', () => {
  beforeEach(async () => {
    collection.put('a', 'one');
    reflector.start();
    await watching();
  });

  test('one can wait until the store has seen it', async () => {
    const seen = awaitVersion(reflector, 'bundler/a', '3', { clock, timeoutMs: 1000 });
    collection.put('a', 'two');
    expect(await seen).toBe(true);
    expect(await awaitVersion(reflector, 'bundler/a', '3', { clock, timeoutMs: 1000 })).toBe(true);
  });

  test('but not for longer than one wants', async () => {
    const seen = awaitVersion(reflector, 'bundler/a', '99', { clock, timeoutMs: 1000 });
    await clock.advance(1000);
    expect(await seen).toBe(false);
  });
});

test('managed fields are kept when they are wanted', async () => {
  reflector = createReflector({ keepManagedFields: true });
  collection.put('a');
  reflector.start();
  await reflector.synced;
  expect(reflector.store.list()[0]?.metadata.managedFields).toHaveLength(1);
});
