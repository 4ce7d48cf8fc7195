import { boardNames, boards, external, ownMetrics } from '@bundler/dashboards';
import { metricsIn } from '@bundler/dashboards/queries';
import { findControlPlane } from '../../kube/index.ts';
import { describeUnless } from '../../src/left-out.ts';
import { findPrometheus } from '../../src/tools/prometheus.ts';
import { until } from '../../src/until.ts';
import { Asking } from './ask.ts';
import { askedOf, look, offered, type Seen } from './look.ts';
import { drift, openScene, type Scene } from './scene.ts';
import { Traffic } from './traffic.ts';
import { unseen } from './unseen.ts';
import { troubleWith } from './verdict.ts';

const [tools, kube] = await Promise.all([findPrometheus(process.env), findControlPlane(process.env)]);
const VARIABLES = ['namespace', 'config', 'pod', 'queue'];
const RULES_MS = 30_000;

describeUnless(tools.missing ?? kube.missing, 'the boards over a platform that runs', () => {
  let scene: Scene;
  let asking: Asking;
  const seen = new Map<string, readonly Seen[]>();

  beforeAll(async () => {
    scene = await openScene({ prometheus: tools.paths!.prometheus, cluster: await kube.shared() });
    asking = new Asking(scene.prometheus.url);
    const from = Date.now() / 1000;
    const traffic = await Traffic.open(scene);
    // Twice, because what is first seen at its value has not grown.
    for (const round of [1, 2]) {
      await scene.prometheus.scrapedSince(Date.now() / 1000);
      await traffic.everything();
      if (round === 1) await drift(scene.stage);
    }
    const end = Date.now() / 1000;
    await scene.prometheus.scrapedSince(end);
    await until(
      async () => (await asking.now('slo:period_error_budget_remaining:ratio', Date.now() / 1000)).length > 0,
      RULES_MS,
    );
    const window = { from, to: Date.now() / 1000, step: 1 };
    for (const name of boardNames) {
      const chosen = await offered(boards[name], asking, VARIABLES);
      seen.set(name, await look(boards[name], chosen, asking, window));
    }
  }, 400_000);
  afterAll(() => scene?.close());

  it.each(boardNames)('%s shows something in every panel, or says why it may not', (name) => {
    expect(seen.get(name)!.flatMap((one) => troubleWith(one, unseen, metricsIn))).toEqual([]);
    expect(seen.get(name)!.length).toBeGreaterThanOrEqual(askedOf(boards[name]).length);
  });

  it('ask, as the rules and alerts do, for nothing of ours that no process declares', async () => {
    const declared = new Set(await asking.declared());
    // A scrape in OpenMetrics leaves the suffix of counters away.
    const exists = (name: string): boolean => declared.has(name) || declared.has(name.replace(/_total$/, ''));
    expect(ownMetrics.map(({ name }) => name).filter((name) => !exists(name))).toEqual([]);
  });

  it('find a series of every metric of ours, but for those of what need not happen', async () => {
    const names = new Set(await asking.names());
    const isThere = (name: string): boolean => [name, `${name}_count`].some((one) => names.has(one));
    const own = ownMetrics.map(({ name }) => name);
    expect(own.filter((name) => !isThere(name) && !(name in unseen))).toEqual([]);
    expect(Object.keys(unseen).filter((name) => !own.includes(name))).toEqual([]);
  });

  it('find what every process and Prometheus itself report', async () => {
    const names = new Set(await asking.names());
    const fromHere = Object.values(external).filter(({ source }) => /^(prom-client|Prometheus)/.test(source));
    expect(
      fromHere.map(({ name }) => name).filter((name) => ![name, `${name}_count`].some((one) => names.has(one))),
    ).toEqual([]);
  });
});
