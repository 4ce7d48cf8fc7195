import { FakeApiServer, json, silence } from '../fixtures/fake-api-server.ts';
import { FakeClock } from '../fixtures/fake-clock.ts';
import { FakeObjects } from '../fixtures/fake-objects.ts';
import { silentLogger } from '../fixtures/silent-logger.ts';
import { until } from '../fixtures/until.ts';
import { createOperatorMetrics } from '../runtime/metrics.ts';
import { fenced } from './fenced.ts';
import { LeaderElection, NotLeader } from './lease.ts';
import type { Lease } from './lease-record.ts';
import { resources } from './resources.ts';
import { RestApi } from './rest.ts';

const PATH = '/apis/coordination.k8s.io/v1/namespaces/bundler/leases/operator';

let server: FakeApiServer;
let objects: FakeObjects;
let clock: FakeClock;
let log: string[];
let elections: LeaderElection[];

beforeEach(async () => {
  server = await FakeApiServer.start();
  objects = new FakeObjects(server);
  clock = new FakeClock();
  log = [];
  elections = [];
});
afterEach(async () => {
  await Promise.all(elections.map((election) => election.stop()));
  await server.close();
});

const lease = (): Lease | undefined => objects.get<Lease>(PATH);

/** A candidate; its clock may be one of its own. */
function candidate(identity: string, its = clock): LeaderElection {
  const election = new LeaderElection({
    api: new RestApi({ connection: server.connection, clock: its }),
    namespace: 'bundler',
    name: 'operator',
    identity,
    onStarted: () => log.push(`${identity} leads`),
    onLost: () => log.push(`${identity} lost`),
    clock: its,
    random: () => 0,
    logger: silentLogger,
    metrics: createOperatorMetrics(),
  });
  elections.push(election);
  return election;
}

async function leader(identity: string, its = clock): Promise<LeaderElection> {
  const election = candidate(identity, its);
  election.start();
  await until(() => election.isLeader);
  return election;
}

/** Lets time pass in steps small enough for requests over a real socket to keep up. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    await clock.advance(500);
    await until(() => server.unfinished === 0);
    await clock.advance(0);
  }
}

test('the first to come creates the lease, with stamps of six digits', async () => {
  await leader('a');
  expect(log).toEqual(['a leads']);
  expect(lease()?.spec).toEqual({
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-01T00:00:00.000000Z',
    leaseTransitions: 0,
  });
});

test('a leader renews every two seconds, and nobody else takes over', async () => {
  await leader('a');
  const other = candidate('b');
  other.start();
  await pass(60_000);
  expect(log).toEqual(['a leads']);
  expect(other.isLeader).toBe(false);
  expect(() => other.fence()).toThrow(NotLeader);
  expect(lease()?.spec).toMatchObject({ holderIdentity: 'a', acquireTime: '2026-01-01T00:00:00.000000Z' });
  const stamp = Date.parse(lease()?.spec?.renewTime ?? '');
  expect(clock.date().getTime() - stamp).toBeLessThanOrEqual(3000);
});

test('of two who begin together one leads', async () => {
  const both = [candidate('a'), candidate('b')];
  for (const election of both) election.start();
  await until(() => both.some((election) => election.isLeader));
  await pass(20_000);
  expect(log).toHaveLength(1);
});

test('after a leader is gone another leads when the lease did not change for 15 s by its own clock', async () => {
  // Whoever wrote this is gone, and its clock was an hour fast.
  objects.set(PATH, {
    metadata: { name: 'operator', namespace: 'bundler' },
    spec: { holderIdentity: 'gone', leaseDurationSeconds: 15, renewTime: '2026-01-01T01:00:00.000000Z' },
  });
  const election = candidate('b');
  election.start();
  await pass(14_000);
  expect(log).toEqual([]);
  await pass(3000);
  expect(log).toEqual(['b leads']);
  expect(lease()?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  await election.stop();
});

test('a renewal by a leader whose clock is wrong counts all the same', async () => {
  const slow = new FakeClock();
  slow.wallOffsetMs = 0;
  await leader('a', slow);
  const other = candidate('b');
  other.start();
  for (let i = 0; i < 20; i += 1) {
    await slow.advance(2000);
    await pass(2000);
  }
  expect(other.isLeader).toBe(false);
});

test('a leader that cannot renew is none after 10 s, before anybody may follow, and says so once', async () => {
  const election = await leader('a');
  const api = fenced(new RestApi({ connection: server.connection, clock }), () => election.fence());
  server.otherwise(json(503, { message: 'no etcd' }));
  await pass(9500);
  expect(election.isLeader).toBe(true);
  await pass(500);
  expect(election.isLeader).toBe(false);
  await until(() => log.length === 2);
  expect(log).toEqual(['a leads', 'a lost']);
  const asked = server.requests.length;
  await expect(api.delete({ type: resources.configMaps, namespace: 'bundler', name: 'x' })).rejects.toThrow(NotLeader);
  expect(server.requests).toHaveLength(asked);
});

test('the same when the server does not answer at all', async () => {
  const election = await leader('a');
  server.otherwise(silence);
  await clock.advance(2000);
  await until(() => server.unfinished === 1);
  await clock.advance(7999);
  expect(election.isLeader).toBe(true);
  await clock.advance(1);
  expect(election.isLeader).toBe(false);
  await until(() => log.includes('a lost'));
});

test('a process that was frozen finds out at the fence, before it hears of it', async () => {
  const frozen = new FakeClock();
  const election = await leader('a', frozen);
  // Time passed, and no timer of this process has run yet.
  frozen.skip(10_000);
  expect(() => election.fence()).toThrow(NotLeader);
});

test('a few failed renewals do no harm', async () => {
  const election = await leader('a');
  for (let i = 0; i < 3; i += 1) server.next(json(503, { message: 'no etcd' }));
  await pass(30_000);
  expect(election.isLeader).toBe(true);
  expect(log).toEqual(['a leads']);
});

test('a leader whose lease was edited or deleted goes on; one whose lease was taken ends at once', async () => {
  const election = await leader('a');
  const before = lease()!;
  objects.set(PATH, { ...before, metadata: { ...before.metadata, annotations: { seen: 'by somebody' } } });
  await pass(6000);
  expect(election.isLeader).toBe(true);
  expect(lease()?.metadata.annotations).toEqual({ seen: 'by somebody' });
  objects.remove(PATH);
  await pass(6000);
  expect(election.isLeader).toBe(true);
  expect(lease()?.spec?.holderIdentity).toBe('a');
  objects.set(PATH, { ...lease()!, spec: { holderIdentity: 'b', leaseDurationSeconds: 15 } });
  await pass(4000);
  expect(log).toEqual(['a leads', 'a lost']);
});

test('a leader that is told to stop frees the lease, and the next one does not wait', async () => {
  const election = await leader('a');
  const other = candidate('b');
  other.start();
  await pass(4000);
  await election.stop();
  expect(lease()?.spec?.holderIdentity).toBe('');
  expect(election.isLeader).toBe(false);
  await pass(2500);
  expect(log).toEqual(['a leads', 'b leads']);
});

test('one that is told to stop before it led leaves the lease alone', async () => {
  await leader('a');
  const other = candidate('b');
  other.start();
  await pass(3000);
  await other.stop();
  expect(lease()?.spec?.holderIdentity).toBe('a');
});

test('a new process of the same name does not wait for its own lease', async () => {
  objects.set(PATH, {
    metadata: { name: 'operator', namespace: 'bundler' },
    spec: { holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 3, acquireTime: 'then' },
  });
  await leader('a');
  expect(lease()?.spec).toMatchObject({ leaseTransitions: 3, acquireTime: 'then' });
});
