import { FakeClock } from '../fixtures/fake-clock.ts';
import { silentLogger } from '../fixtures/silent-logger.ts';
import { until } from '../fixtures/until.ts';
import { Forbidden } from '../kube/errors.ts';
import type { KubeApi } from '../kube/index.ts';
import { type ResourceType, resources } from '../kube/resources.ts';
import { createOperatorMetrics } from '../runtime/metrics.ts';
import { Cluster } from './cluster.ts';

const POLL_MS = 30_000;

let clock: FakeClock;
let served: Set<ResourceType>;
let forbidden: Set<ResourceType>;
let looks: number;
let news: number;
let cluster: Cluster;

/** An empty cluster, in which nothing ever happens; what it serves is as the test says. */
const api: Pick<KubeApi, 'list' | 'watch' | 'serves'> = {
  list: async (type) => {
    if (forbidden.has(type)) throw new Forbidden('list', { code: 403, detail: 'not allowed' });
    return { metadata: { resourceVersion: '1' }, items: [] };
  },
  watch: (_, { signal, onOpen }) => ({
    [Symbol.asyncIterator]: () => ({
      next: () => {
        onOpen?.();
        return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      },
    }),
  }),
  serves: async (type) => {
    looks += type === resources.podMonitors ? 1 : 0;
    return served.has(type);
  },
};

/** Lets the time pass until the next look at what is served is over. */
async function look(): Promise<void> {
  const before = looks;
  await clock.advance(POLL_MS);
  await until(() => looks > before);
  await clock.advance(0);
}

beforeEach(() => {
  clock = new FakeClock();
  served = new Set([resources.scaledObjects, resources.triggerAuthentications]);
  forbidden = new Set();
  [looks, news] = [0, 0];
  const rest = { random: () => 0.5, logger: silentLogger, metrics: createOperatorMetrics() };
  cluster = new Cluster({ api, namespaces: [], pollInterval: POLL_MS, clock, ...rest });
  cluster.onInstall(() => {
    news += 1;
  });
});
afterEach(() => cluster.stop());

describe('KEDA', () => {
  it('is there from the beginning, when it is: workers must not be given a fixed number first', async () => {
    await cluster.start();
    expect(cluster.kedaInstalled).toBe(true);
  });

  it('is noticed when it comes, once both of its APIs are there', async () => {
    served.clear();
    await cluster.start();
    expect(cluster.kedaInstalled).toBe(false);
    served.add(resources.scaledObjects);
    await look();
    expect(cluster.kedaInstalled).toBe(false);
    served.add(resources.triggerAuthentications);
    await look();
    expect([cluster.kedaInstalled, news]).toEqual([true, 2]);
  });

  it('is not gone when discovery misses it once, as after a start of the API server', async () => {
    await cluster.start();
    news = 0;
    for (let round = 0; round < 3; round += 1) {
      served.clear();
      await look();
      served = new Set([resources.scaledObjects, resources.triggerAuthentications]);
      await look();
    }
    expect([cluster.kedaInstalled, news]).toEqual([true, 0]);
  });

  it('is gone when it is missing twice', async () => {
    await cluster.start();
    news = 0;
    served.clear();
    await look();
    await look();
    expect([cluster.kedaInstalled, news]).toEqual([false, 2]);
  });
});

it('goes on, and stops at once, when it may not list what has been installed', async () => {
  served.clear();
  await cluster.start();
  served.add(resources.podMonitors);
  forbidden.add(resources.podMonitors);
  await look();
  await look();
  expect(cluster.installed(resources.podMonitors)).toBe(false);
  await cluster.stop();
});
