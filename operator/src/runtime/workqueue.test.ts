import { FakeClock } from '../fixtures/fake-clock.ts';
import { createOperatorMetrics, type OperatorMetrics } from './metrics.ts';
import { WorkQueue } from './workqueue.ts';

let clock: FakeClock;
let metrics: OperatorMetrics;
let queue: WorkQueue;
beforeEach(() => {
  clock = new FakeClock();
  metrics = createOperatorMetrics();
  queue = new WorkQueue({ name: 'test', clock, metrics });
});

/** What can be taken now, without waiting. */
async function takeAll(): Promise<string[]> {
  const keys: string[] = [];
  while (queue.depth > 0) keys.push((await queue.take())!);
  return keys;
}

test('a key that is added again while it waits is worked on once', async () => {
  for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
  expect(await takeAll()).toEqual(['a', 'b']);
});

test('a key that is added while it is worked on is worked on once more, afterwards', async () => {
  queue.add('a');
  await queue.take();
  queue.add('a');
  queue.add('a');
  expect(queue.depth).toBe(0);
  queue.done('a');
  expect(await takeAll()).toEqual(['a']);
  queue.done('a');
  expect(queue.depth).toBe(0);
});

test('whoever waits for a key gets it when it comes', async () => {
  const [first, second] = [queue.take(), queue.take()];
  queue.add('a');
  queue.add('b');
  expect(await Promise.all([first, second])).toEqual(['a', 'b']);
});

test('a key that is to come later comes then, at the earliest of all times asked for', async () => {
  queue.addAfter('a', 5000);
  queue.addAfter('a', 1000);
  queue.addAfter('a', 3000);
  await clock.advance(999);
  expect(queue.depth).toBe(0);
  await clock.advance(1);
  expect(await takeAll()).toEqual(['a']);
  queue.done('a');
  await clock.advance(10_000);
  expect(queue.depth).toBe(0);
});

test('a key that fails waits twice as long each time, from 5 ms to 16 minutes, and anew once it went well', () => {
  const pauses = Array.from({ length: 20 }, () => queue.addRateLimited('a'));
  expect(pauses.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(pauses.at(-1)).toBe(960_000);
  expect(queue.failures('a')).toBe(20);
  queue.forget('a');
  expect(queue.addRateLimited('a')).toBe(5);
});

test('many keys that fail together come back at ten a second', () => {
  const pauses = Array.from({ length: 150 }, (_, index) => queue.addRateLimited(`key-${index}`));
  expect(pauses.slice(0, 100).every((pause) => pause === 5)).toBe(true);
  expect(pauses[149]).toBe(5000);
});

test('a closed queue gives nothing more, to those who wait neither, and keeps no timer', async () => {
  const waiting = queue.take();
  queue.addAfter('b', 1000);
  queue.close();
  queue.add('c');
  queue.addAfter('d', 1000);
  expect(await waiting).toBeUndefined();
  expect(await queue.take()).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('how many wait, and for how long they did, is measured', async () => {
  queue.add('a');
  queue.add('b');
  expect((await metrics.workQueueDepth.get()).values[0]?.value).toBe(2);
  await clock.advance(2000);
  await takeAll();
  expect((await metrics.workQueueDepth.get()).values[0]?.value).toBe(0);
  const sum = (await metrics.workQueueWait.get()).values.find(({ metricName }) => metricName?.endsWith('_sum'));
  expect(sum?.value).toBe(4);
});
