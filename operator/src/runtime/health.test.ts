import { kubernetesPaths, startAdminServer } from '@bundler/runtime';
import { operatorHealth, type Vitals } from './health.ts';
import { createOperatorMetrics } from './metrics.ts';

const well: Vitals = {
  controllers: [{ name: 'reconcile', longestRunningMs: 0 }],
  failingWatch: () => undefined,
  synced: () => true,
  draining: () => false,
};

const ailments = (vitals: Partial<Vitals>) => operatorHealth({ ...well, ...vitals }).ailments?.();

test('an operator is well while it works, and while a watch fails for less than five minutes', () => {
  expect(ailments({})).toEqual([]);
  expect(ailments({ failingWatch: () => ({ resource: 'deployments', failingForMs: 300_000 }) })).toEqual([]);
});

test('it is to be started again when it is deaf or stuck, and says which', () => {
  const vitals = {
    controllers: [{ name: 'reconcile', longestRunningMs: 601_000 }],
    failingWatch: () => ({ resource: 'deployments', failingForMs: 301_000 }),
  };
  expect(ailments(vitals)).toEqual([
    'reconcile has worked on one thing for 601 s',
    'deployments could not be listed or watched for 301 s',
  ]);
});

test('probes and scrapes get their answers where Kubernetes looks for them', async () => {
  const vitals = { ...well, synced: () => false, failingWatch: () => ({ resource: 'jobs', failingForMs: 400_000 }) };
  const server = await startAdminServer({
    host: '127.0.0.1',
    port: 0,
    health: operatorHealth(vitals),
    registry: createOperatorMetrics().registry,
    paths: kubernetesPaths,
  });
  const live = await server.inject('/livez');
  const ready = await server.inject('/readyz');
  const metrics = await server.inject('/metrics');
  await server.close();
  expect([live.statusCode, live.body]).toEqual([503, 'jobs could not be listed or watched for 400 s']);
  expect([ready.statusCode, ready.json()]).toEqual([
    503,
    { ready: false, checks: { caches: 'not everything has been listed yet' } },
  ]);
  expect(metrics.body).toContain('bundler_operator_leader');
});
