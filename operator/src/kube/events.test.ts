import { FakeApiServer, json } from '../fixtures/fake-api-server.ts';
import { FakeClock } from '../fixtures/fake-clock.ts';
import { FakeObjects } from '../fixtures/fake-objects.ts';
import { silentLogger } from '../fixtures/silent-logger.ts';
import { createOperatorMetrics, type OperatorMetrics } from '../runtime/metrics.ts';
import { type EventNote, EventRecorder } from './events.ts';
import type { KubeObject } from './objects.ts';
import { RestApi } from './rest.ts';

const regarding = {
  apiVersion: 'bundler.permaweb.dev/v1alpha1',
  kind: 'BundlerConfig',
  metadata: { name: 'prod', namespace: 'bundler', uid: 'u1', resourceVersion: '7' },
};
const drift: EventNote = {
  regarding,
  type: 'Warning',
  reason: 'DriftCorrected',
  action: 'Apply',
  note: 'Deployment/prod-upload-api .spec.replicas by kubectl-edit',
};

type Event = KubeObject & { note: string; series?: { count: number; lastObservedTime: string } };

let server: FakeApiServer;
let objects: FakeObjects;
let clock: FakeClock;
let metrics: OperatorMetrics;
let recorder: EventRecorder;

beforeEach(async () => {
  server = await FakeApiServer.start();
  objects = new FakeObjects(server);
  clock = new FakeClock();
  metrics = createOperatorMetrics();
  let draws = 0;
  recorder = new EventRecorder({
    api: new RestApi({ connection: server.connection, clock }),
    controller: 'bundler.permaweb.dev/operator',
    instance: 'operator-0',
    clock,
    // Another one each time: events of one millisecond must not get one name.
    random: () => (draws++ % 1000) / 1000,
    logger: silentLogger,
    metrics,
  });
});
afterEach(() => server.close());

const events = (): Event[] => objects.all<Event>();
const lost = async (): Promise<number | undefined> => (await metrics.eventsFailed.get()).values[0]?.value;

test('an event says what happened to what, and who says so', async () => {
  recorder.record(drift);
  await recorder.flush();
  expect(server.requests[0]?.path).toBe('/apis/events.k8s.io/v1/namespaces/bundler/events');
  expect(events()[0]).toMatchObject({
    metadata: { name: expect.stringMatching(/^prod\.[0-9a-f]+$/), namespace: 'bundler' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'bundler.permaweb.dev/operator',
    reportingInstance: 'operator-0',
    type: 'Warning',
    reason: 'DriftCorrected',
    action: 'Apply',
    note: 'Deployment/prod-upload-api .spec.replicas by kubectl-edit',
    regarding: { kind: 'BundlerConfig', name: 'prod', namespace: 'bundler', uid: 'u1' },
  });
});

test('what repeats is counted in the same event, written together', async () => {
  for (let i = 0; i < 5; i += 1) {
    recorder.record(drift);
    await clock.advance(1000);
  }
  expect(server.requests).toHaveLength(1);
  await clock.advance(30_000);
  await recorder.flush();
  expect(server.requests).toHaveLength(2);
  expect(events()).toHaveLength(1);
  expect(events()[0]?.series).toEqual({ count: 5, lastObservedTime: '2026-01-01T00:00:04.000000Z' });
});

test('what is counted and not yet written is written at the end', async () => {
  recorder.record(drift);
  recorder.record(drift);
  await recorder.flush();
  expect(events()[0]?.series?.count).toBe(2);
  expect(clock.pending).toBe(0);
});

test('something else, or the same after six quiet minutes, is another event', async () => {
  recorder.record(drift);
  recorder.record({ ...drift, note: 'something else' });
  await clock.advance(361_000);
  recorder.record(drift);
  await recorder.flush();
  expect(events()).toHaveLength(3);
});

test('one object cannot fill the cluster with events, and keeps no other from being heard', async () => {
  for (let i = 0; i < 30; i += 1) recorder.record({ ...drift, note: `number ${i}` });
  recorder.record({ ...drift, regarding: { ...regarding, metadata: { ...regarding.metadata, uid: 'u2' } } });
  await recorder.flush();
  expect(events()).toHaveLength(26);
  expect(await lost()).toBe(5);
  await clock.advance(300_000);
  recorder.record({ ...drift, note: 'later' });
  await recorder.flush();
  expect(events()).toHaveLength(27);
});

test('a server that refuses events harms nothing, and the next one is written', async () => {
  server.next(json(403, { message: 'forbidden' }));
  expect(() => recorder.record(drift)).not.toThrow();
  await recorder.flush();
  expect(await lost()).toBe(1);
  recorder.record(drift);
  await recorder.flush();
  expect(events()).toHaveLength(1);
});

test('a note that is too long is cut between characters', async () => {
  recorder.record({ ...drift, note: 'é'.repeat(2000) });
  await recorder.flush();
  const note = events()[0]?.note ?? '';
  expect(note).toBe(`${'é'.repeat(510)}…`);
});

test('a name that is too long for the event is cut', async () => {
  recorder.record({ ...drift, regarding: { ...regarding, metadata: { name: 'x'.repeat(253), namespace: 'bundler' } } });
  await recorder.flush();
  expect(events()[0]?.metadata.name.length).toBeLessThanOrEqual(253);
});
