import { FakeClock } from '../fixtures/fake-clock.ts';
import { silentLogger } from '../fixtures/silent-logger.ts';
import { errorFrom } from '../kube/errors.ts';
import { Controller, type Later } from './controller.ts';
import { createOperatorMetrics } from './metrics.ts';

const clock = new FakeClock();
const metrics = createOperatorMetrics();

function createController(reconcile: (key: string) => Promise<Later | undefined>, concurrency = 2): Controller {
  const controller = new Controller({ name: 'test', concurrency, reconcile, clock, logger: silentLogger, metrics });
  controller.start();
  return controller;
}

/** Work that goes on until a test ends it. */
function createWork() {
  const begun: string[] = [];
  const ends = new Map<string, (later?: Later) => void>();
  const work = (key: string) =>
    new Promise<Later | undefined>((resolve) => {
      begun.push(key);
      ends.set(key, resolve);
    });
  return { begun, work, end: (key: string, later?: Later) => ends.get(key)!(later) };
}

test('as many keys as there are workers are worked on at once, a single one never twice', async () => {
  const { begun, work, end } = createWork();
  const controller = createController(work);
  for (const key of ['a', 'a', 'b', 'c']) controller.queue.add(key);
  await clock.advance(0);
  expect(begun).toEqual(['a', 'b']);
  controller.queue.add('a');
  end('b');
  await clock.advance(0);
  expect(begun).toEqual(['a', 'b', 'c']);
  end('a');
  await clock.advance(0);
  expect(begun).toEqual(['a', 'b', 'c', 'a']);
  end('a');
  end('c');
  await controller.stop();
});

test('work that fails is tried again, later each time, and what never fails is not', async () => {
  const tries: number[] = [];
  const controller = createController(async () => {
    tries.push(clock.now());
    if (tries.length < 4) throw new Error('no');
    return undefined;
  });
  const begun = clock.now();
  controller.queue.add('a');
  await clock.advance(60_000);
  expect(tries.map((at) => at - begun)).toEqual([0, 5, 15, 35]);
  expect(controller.queue.failures('a')).toBe(0);
  await controller.stop();
});

test('what cannot succeed until somebody changes it is not hurried', async () => {
  let tries = 0;
  const controller = createController(async () => {
    tries += 1;
    throw errorFrom('PATCH /x', 422, '{}');
  });
  controller.queue.add('a');
  await clock.advance(599_000);
  expect(tries).toBe(1);
  await clock.advance(1000);
  expect(tries).toBe(2);
  await controller.stop();
});

test('work can ask to be called again', async () => {
  const tries: number[] = [];
  const controller = createController(async () => {
    tries.push(clock.now());
    return tries.length < 3 ? { requeueAfterMs: 1000 } : undefined;
  });
  const begun = clock.now();
  controller.queue.add('a');
  await clock.advance(10_000);
  expect(tries.map((at) => at - begun)).toEqual([0, 1000, 2000]);
  await controller.stop();
});

test('stopping waits for the work at hand and begins no other', async () => {
  const { begun, work, end } = createWork();
  const controller = createController(work, 1);
  controller.queue.add('a');
  controller.queue.add('b');
  await clock.advance(5000);
  expect(controller.longestRunningMs).toBe(5000);
  let stopped = false;
  const stopping = controller.stop().then(() => {
    stopped = true;
  });
  await clock.advance(1000);
  expect(stopped).toBe(false);
  end('a', { requeueAfterMs: 1 });
  await stopping;
  expect(begun).toEqual(['a']);
  expect(controller.longestRunningMs).toBe(0);
});
