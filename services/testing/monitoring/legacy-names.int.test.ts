import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metrics as catalogue, type MetricDefinition } from '@bundler/contract';
import { type Metrics, observeTraced, openProcess, startAdminServer } from '@bundler/runtime';
import { OwnPrometheus } from '../load/platform/own-prometheus.ts';
import { describeUnless, until } from '../src/index.ts';
import { Scraped } from '../src/metrics/scraped.ts';
import { findPrometheus } from '../src/tools/prometheus.ts';
import { Asking } from './live/ask.ts';

const tools = await findPrometheus(process.env);
const PATIENCE_MS = 60_000;
const NOBODY = 'redis://127.0.0.1:1';
const required = {
  DB_WRITER_URL: 'postgres://127.0.0.1:1/none',
  REDIS_QUEUE_URL: NOBODY,
  REDIS_CACHE_URL: NOBODY,
  ARWEAVE_WALLET_FILE: 'wallet.json',
  S3_BUCKET: 'items',
};
const definitions: readonly MetricDefinition[] = Object.values(catalogue);
const names = definitions
  .filter(({ components }) => components.includes('workers'))
  .flatMap(({ legacy = [] }) => legacy.map(({ name }) => name));

interface Workers {
  readonly metrics: Metrics;
  readonly address: string;
  scrape(): Promise<Scraped>;
  close(): Promise<void>;
}

/** What every process of workers begins with, and the door at which it is scraped. */
async function openWorkers(env: Record<string, string>): Promise<Workers> {
  const { metrics } = await openProcess('workers', { ...required, ...env });
  const health = { dependencies: [], draining: () => false };
  const server = await startAdminServer({ host: '127.0.0.1', port: 0, health, registry: metrics.registry });
  const address = `127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const scrape = (): Promise<Scraped> => Scraped.from(`http://${address}/bundler_metrics`);
  return { metrics, address, scrape, close: () => server.close() };
}

describe('legacy names of metrics', () => {
  let workers: Workers;

  beforeAll(async () => {
    workers = await openWorkers({ METRICS_LEGACY_NAMES: 'true' });
    const { breakerEvents, jobDurations, jobsProcessed } = workers.metrics;
    for (const outcome of ['done', 'done', 'failed']) {
      jobsProcessed.inc({ queue: 'seed', outcome });
      observeTraced(jobDurations, { queue: 'seed', outcome }, 2);
    }
    jobsProcessed.inc({ queue: 'refund-balance', outcome: 'failed' }, 4);
    breakerEvents.inc({ service: 'bridge.example', event: 'open' }, 5);
  });
  afterAll(() => workers?.close());

  it('are served beside ours, with the same figures', async () => {
    const scraped = await workers.scrape();
    const seed = { job_name: 'seed-bundle' };
    expect(scraped.value('fulfillment_job_successes', seed)).toBe(2);
    expect(scraped.value('fulfillment_job_failures', seed)).toBe(1);
    expect(scraped.value('fulfillment_job_durations_seconds_count', seed)).toBe(3);
    expect(scraped.value('refund_failed_call_count')).toBe(4);
    expect(scraped.value('circuit_breaker_open_count', { breaker: 'bridge.example' })).toBe(5);
    expect(scraped.value('jobs_processed_total', { queue: 'seed', outcome: 'done' })).toBe(2);
  });

  it('are all that changes when somebody asks for them', async () => {
    const quiet = await openWorkers({});
    const before = await quiet.scrape();
    await quiet.close();
    const after = await workers.scrape();
    expect([...after.types.keys()].filter((name) => !before.types.has(name)).toSorted()).toEqual(names.toSorted());
    expect([...before.types.keys()].filter((name) => !after.types.has(name))).toEqual([]);
  });

  describeUnless(tools.missing, 'in the eyes of Prometheus', () => {
    let directory: string;
    let prometheus: OwnPrometheus;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'bundler-legacy-names-'));
      prometheus = await OwnPrometheus.start({
        binary: tools.paths!.prometheus,
        directory,
        targets: async () => [{ address: workers.address, component: 'workers' }],
      });
      await until(async () => (await ask('sum(up)'))[0] === 1, PATIENCE_MS);
    }, 2 * PATIENCE_MS);
    afterAll(async () => {
      await prometheus?.stop();
      await rm(directory, { recursive: true, force: true });
    });

    const ask = async (query: string): Promise<number[]> =>
      (await new Asking(prometheus.url).now(query, Date.now() / 1000)).map(({ points }) => points.at(-1)![1]);

    it('are the series that dashboards ask for', async () => {
      expect(await ask('fulfillment_job_failures{job_name="seed-bundle"}')).toEqual([1]);
      expect(await ask('sum by (breaker) (circuit_breaker_open_count)')).toEqual([5]);
      expect(await ask('refund_failed_call_count')).toEqual([4]);
      expect(await ask('posted_bundle_redrive_total{result="reenqueued"}')).toEqual([0]);
      const buckets = 'sum by (le, job_name) (fulfillment_job_durations_seconds_bucket)';
      expect(await ask(`histogram_quantile(1, ${buckets})`)).toEqual([5]);
    });

    it('come as OpenMetrics, which it asks for, and have no type there', async () => {
      const route = `${prometheus.url}/api/v1/metadata?metric=refund_failed_call_count`;
      expect(await (await fetch(route)).json()).toMatchObject({
        data: { refund_failed_call_count: [{ type: 'unknown' }] },
      });
    });
  });
});
