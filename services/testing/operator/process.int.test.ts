import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operatorMetrics } from '@bundler/contract';
import { type KubeObject, resources } from '@bundler/operator/kube';
import { freePort } from '@bundler/standalone/embedded';
import { kubeconfig } from '../kube/connection.ts';
import { findControlPlane, type KubeConnection } from '../kube/index.ts';
import { describeUnless } from '../src/left-out.ts';
import { CatalogueCheck } from '../src/metrics/catalogue.ts';
import { lintMetrics } from '../src/metrics/lint.ts';
import { Scraped } from '../src/metrics/scraped.ts';
import { type ServiceProcess, startService } from '../src/service-process.ts';
import { until } from '../src/until.ts';
import { accountWith, chartRules } from './kit/account.ts';
import { Stage } from './kit/stage.ts';

const kube = await findControlPlane(process.env);

interface Lease extends KubeObject {
  readonly spec: { readonly holderIdentity?: string };
}

/** What a short and quiet life does not show, and why. */
const quiet: Readonly<Record<string, string>> = {
  drift_corrected_total: 'nobody else changes anything',
  bundler_operator_apply_loops_total: 'nobody else changes anything',
  bundler_operator_pruned_total: 'nothing is taken away',
  bundler_operator_workqueue_retries_total: 'nothing fails',
  bundler_operator_watch_errors_total: 'nothing fails',
  bundler_operator_handler_errors_total: 'a defect',
  bundler_operator_events_failed_total: 'nothing fails',
};

describeUnless(kube.missing, 'two processes of the operator', () => {
  let stage: Stage;
  let directory: string;
  let account: KubeConnection;
  const running = new Map<string, ServiceProcess & { readonly url: string }>();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bundler-operator-'));
    const admin = await kube.shared();
    stage = await Stage.open(admin);
    account = await accountWith(chartRules, stage, admin);
    await writeFile(join(directory, 'kubeconfig'), kubeconfig(account), { mode: 0o600 });
    stage.nodes.start();
    await Promise.all(['first', 'second'].map(start));
  }, 120_000);
  afterAll(async () => {
    await Promise.all([...running.values()].map((one) => one.stop()));
    await stage?.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function start(name: string): Promise<void> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = {
      PATH: process.env.PATH ?? '',
      KUBECONFIG: join(directory, 'kubeconfig'),
      WATCH_NAMESPACES: stage.namespace,
      POD_NAMESPACE: stage.namespace,
      POD_NAME: name,
      BIND_ADDRESS: '127.0.0.1',
      METRICS_PORT: String(port),
      POLL_INTERVAL_MS: '1000',
    };
    const log = createWriteStream(join(directory, `${name}.log`), { flags: 'a' });
    const service = await startService({
      entryPoint: 'operator/src/main.ts',
      env,
      adminUrl: url,
      readyPath: '/readyz',
      log,
    });
    running.set(name, { ...service, url });
  }

  const leader = async (): Promise<string> =>
    (await stage.get<Lease>(resources.leases, 'bundler-operator'))?.spec.holderIdentity?.split('_')[0] ?? '';
  const metric = async (name: string, process: string): Promise<number> => {
    const text = await (await fetch(`${running.get(process)?.url}/metrics`)).text();
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
  };
  const label = async (value: string) => {
    await stage.configure('demo', { upload: { service: { annotations: { value } } } });
    const service = () => stage.get(resources.services, 'demo-upload');
    await until(async () => (await service())?.metadata.annotations?.value === value, 45_000);
  };

  it('are both ready, and one of them acts', async () => {
    await label('first');
    const [one, other] = [await leader(), (await leader()) === 'first' ? 'second' : 'first'];
    expect([await metric('bundler_operator_leader', one), await metric('bundler_operator_leader', other)]).toEqual([
      1, 0,
    ]);
    expect((await fetch(`${running.get(other)?.url}/livez`)).status).toBe(200);
    const events = await stage.list(resources.events);
    expect(events.map((event) => (event as unknown as { reason: string }).reason)).toContain('RollingOut');
  }, 60_000);

  it('show how the BundlerConfigs are, the one that acts alone, and of themselves what the catalogue says', async () => {
    const acting = await leader();
    const other = acting === 'first' ? 'second' : 'first';
    const scrape = (process: string) => Scraped.from(`${running.get(process)?.url}/metrics`);
    const of = { namespace: stage.namespace, name: 'demo' };
    let scraped = await scrape(acting);
    await until(async () => {
      scraped = await scrape(acting);
      // What the event loop was late by since the last scrape is not known when that was a moment ago.
      const isLateKnown = !Number.isNaN(scraped.value('nodejs_eventloop_lag_mean_seconds'));
      return isLateKnown && scraped.value('bundler_resource_ready', { ...of, condition: 'ConfigValid' }) === 1;
    }, 30_000);
    const generation = (await stage.config('demo')).metadata.generation;
    expect(scraped.value('bundler_config_generation', of)).toBe(generation);
    expect(scraped.value('bundler_config_observed_generation', of)).toBe(generation);
    const budget = scraped.value('bundler_db_connections_budget', of);
    expect(budget).toBeGreaterThan(0);
    expect(budget).toBeLessThanOrEqual(scraped.value('bundler_db_connections_limit', of));
    expect((await scrape(other)).of('bundler_config_generation')).toEqual([]);
    const check = new CatalogueCheck(operatorMetrics, 'operator', scraped);
    expect([check.misdeclared(), check.outOfBounds(), lintMetrics(scraped)]).toEqual([[], [], []]);
    expect(scraped.samples.length).toBeLessThan(2000);
    expect(check.unobserved().filter((name) => !(name in quiet))).toEqual([]);
  }, 60_000);

  it('miss nothing when the one that acts is killed', async () => {
    const killed = await leader();
    running.get(killed)?.kill9();
    await running.get(killed)?.exited;
    await label('after the kill');
    expect(await leader()).not.toBe(killed);
    await start(killed);
  }, 90_000);

  it('hand over at once when the one that acts is told to stop', async () => {
    const stopped = await leader();
    const code = await running.get(stopped)?.stop();
    expect(code).toBe(0);
    expect(await leader()).not.toBe(stopped);
    const begun = performance.now();
    await label('after the stop');
    expect(performance.now() - begun).toBeLessThan(10_000);
    await start(stopped);
  }, 60_000);
});
