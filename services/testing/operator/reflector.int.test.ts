import { createDispatcher, type KubeApi, type KubeObject, Reflector, RestApi, resources } from '@bundler/operator/kube';
import { type Clock, createOperatorMetrics, type OperatorMetrics, systemClock } from '@bundler/operator/runtime';
import { createLogger } from '@bundler/runtime';
import { type ControlPlane, findControlPlane } from '../kube/index.ts';
import { describeUnless } from '../src/left-out.ts';
import { startTcpProxy, type TcpProxy } from '../src/tcp-proxy.ts';
import { until } from '../src/until.ts';
import { apiOf } from './kit/stage.ts';

const kube = await findControlPlane(process.env);

/** Time passes 20 times as fast: a connection counts as dead after 4.5 s without a byte instead of 90 s. */
const SPEED = 20;
const fast: Clock = {
  now: () => systemClock.now() * SPEED,
  date: systemClock.date,
  schedule: (ms, run) => systemClock.schedule(ms / SPEED, run),
};
/** More than it takes to notice a dead connection and to come back, on a busy machine. */
const RECOVERY_MS = 30_000;

describeUnless(kube.missing, 'a reflector of a real API server', () => {
  let plane: ControlPlane;
  let admin: KubeApi;
  const closing: (() => unknown)[] = [];
  let proxy: TcpProxy;
  let reflector: Reflector;
  let metrics: OperatorMetrics;
  let told: string[];
  let count = 0;

  beforeAll(async () => {
    plane = await kube.start();
    const { api, close } = apiOf(plane);
    admin = api;
    closing.push(close);
    await admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'faults' } });
  }, 120_000);
  afterAll(async () => {
    for (const close of closing) await close();
    await plane?.stop();
  });

  beforeEach(async () => {
    proxy = await startTcpProxy(Number(new URL(plane.url).port));
    const dispatcher = createDispatcher({ ca: plane.ca });
    const connection = {
      server: `https://127.0.0.1:${proxy.port}`,
      namespace: 'faults',
      dispatcher,
      authenticate: async () => ({ authorization: `Bearer ${plane.token}` }),
      close: () => dispatcher.destroy(),
    };
    metrics = createOperatorMetrics();
    told = [];
    reflector = new Reflector({
      api: new RestApi({ connection, clock: fast }),
      type: resources.configMaps,
      selection: { namespace: 'faults' },
      clock: fast,
      random: Math.random,
      logger: createLogger('reflector', process.env.TEST_LOG_LEVEL ?? 'silent'),
      metrics,
    });
    reflector.onChange(({ type, object }) => told.push(`${type} ${object.metadata.name}`));
  });
  afterEach(async () => {
    await reflector.stop();
    await proxy.close();
  });

  const create = async (name = `map-${(count += 1)}`, data: object = {}): Promise<string> => {
    await admin.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'faults' },
      data,
    } as KubeObject);
    return name;
  };
  const remove = (name: string) => admin.delete({ type: resources.configMaps, namespace: 'faults', name });
  const started = async (): Promise<void> => {
    reflector.start();
    await reflector.synced;
    told.length = 0;
  };
  const sees = (what: string) => until(() => told.includes(what), RECOVERY_MS);
  const relists = async (): Promise<Record<string, number>> =>
    Object.fromEntries((await metrics.relists.get()).values.map(({ labels, value }) => [labels.reason, value]));
  /** What the server has now, and whether the store has the same. */
  const agrees = async (): Promise<boolean> => {
    const { items } = await admin.list(resources.configMaps, { namespace: 'faults' });
    const versions = (objects: readonly { metadata: { name: string; resourceVersion: string } }[]) =>
      objects
        .map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`)
        .toSorted()
        .join();
    return versions(items) === versions(reflector.store.list());
  };

  it('misses nothing while its connections are cut again and again, and lists once', async () => {
    await started();
    const names: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      names.push(await create());
      await sees(`Added ${names.at(-1)}`);
      proxy.cut();
      names.push(await create());
    }
    for (const name of names) await sees(`Added ${name}`);
    expect(told.toSorted()).toEqual(names.map((name) => `Added ${name}`).toSorted());
    expect(await relists()).toEqual({ start: 1 });
  }, 60_000);

  it('notices a connection that nobody closed and over which nothing comes, and goes on without a list', async () => {
    await started();
    await sees(`Added ${await create()}`);
    proxy.forget();
    await sees(`Added ${await create()}`);
    expect(await relists()).toEqual({ start: 1 });
  }, 60_000);

  it('notices an API server that is frozen, and goes on when it is not', async () => {
    await started();
    const { pid } = plane.apiServer.running;
    process.kill(pid, 'SIGSTOP');
    try {
      await until(() => reflector.failingForMs > 0, RECOVERY_MS);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await sees(`Added ${await create()}`);
    await until(() => reflector.failingForMs === 0, RECOVERY_MS);
  }, 90_000);

  it('finds by a new list what changed while its version grew too old, deletions too', async () => {
    const [deleted, made] = [await create(), await create()];
    await started();
    proxy.open = false;
    proxy.cut();
    await remove(deleted);
    await remove(made);
    await create(made);
    const added = await create();
    // A new server has no history from before its start: it answers 410.
    await plane.apiServer.crash();
    proxy.open = true;
    await sees(`Added ${added}`);
    expect(told).toContain(`Deleted ${deleted}`);
    expect(told.filter((what) => what.endsWith(` ${made}`))).toEqual([`Deleted ${made}`, `Added ${made}`]);
    expect(await relists()).toEqual({ start: 1, expired: 1 });
    await until(agrees, RECOVERY_MS);
  }, 90_000);

  it('waits for a list that is slow, asks again for one that does not come, and has everything then', async () => {
    for (let index = 0; index < 5; index += 1) await create(undefined, { text: 'x'.repeat(200_000) });
    // Longer than a list may take at this speed.
    proxy.delayMs = 5000;
    reflector.start();
    await until(() => reflector.problem !== undefined, RECOVERY_MS);
    expect(reflector.hasSynced).toBe(false);
    proxy.delayMs = 300;
    await reflector.synced;
    expect(await agrees()).toBe(true);
  }, 90_000);
});
