import { resources } from '@bundler/operator/kube';
import { findControlPlane } from '../kube/index.ts';
import { describeUnless } from '../src/left-out.ts';
import { passes } from './kit/passes.ts';
import { type RunningOperator, Stage } from './kit/stage.ts';

const kube = await findControlPlane(process.env);

/** Everything that the operator makes on a cluster without KEDA and without the Prometheus operator. */
const types = [
  resources.serviceAccounts,
  resources.configMaps,
  resources.services,
  resources.networkPolicies,
  resources.jobs,
  resources.deployments,
  resources.podDisruptionBudgets,
  resources.horizontalPodAutoscalers,
  resources.controllerRevisions,
];

describeUnless(kube.missing, 'a new BundlerConfig', () => {
  let stage: Stage;
  let running: RunningOperator;
  beforeAll(async () => {
    stage = await Stage.open(await kube.shared());
    stage.nodes.start();
    running = await stage.operate();
    await stage.configure('demo');
    await stage.condition('demo', 'Ready');
  }, 120_000);
  afterAll(() => stage?.close());

  const everything = async () => (await Promise.all(types.map((type) => stage.list(type)))).flat();
  const versions = async () =>
    Object.fromEntries((await everything()).map(({ metadata }) => [metadata.uid, metadata.resourceVersion]));

  it('becomes a platform whose every object it owns', async () => {
    const { uid } = (await stage.config('demo')).metadata;
    const objects = (await everything()).filter(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/instance'] === 'demo',
    );
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name.replace(/-[0-9a-f]{10}$/, '-#')}`);
    expect(names).toMatchSnapshot();
    for (const { metadata } of objects) {
      expect(metadata.ownerReferences).toMatchObject([{ kind: 'BundlerConfig', name: 'demo', uid, controller: true }]);
    }
  });

  it('says so in every condition, about the generation that it is about', async () => {
    const { metadata, status } = await stage.config('demo');
    const said = status.conditions.map(({ type, status: is, reason }) => `${type} ${is} ${reason}`);
    expect(said).toEqual([
      'Ready True Available',
      'Reconciling False Settled',
      'Stalled False NotStalled',
      'ConfigValid True Valid',
      'DatabaseBudgetOK True WithinBudget',
      'AutoscalingReady False KEDANotInstalled',
      'RolledBack False NotRolledBack',
      'Suspended False NotSuspended',
    ]);
    expect(status.observedGeneration).toBe(metadata.generation);
    expect(status.revision).toEqual({ current: expect.any(String), lastGood: status.revision.current });
    expect(status.liveGeneration).toBe(metadata.generation);
  });

  it('went in order: schema, workers, upload API', async () => {
    const made = running.writes.filter(({ method }) => method === 'apply').map(({ object }) => object);
    const first = (prefix: string) => made.findIndex((object) => object.startsWith(prefix));
    expect(first('Job/demo-migrate')).toBeLessThan(first('Deployment/demo-plan'));
    expect(made.indexOf('Deployment/demo-cleanup')).toBeLessThan(made.indexOf('Deployment/demo-upload'));
  });

  it('costs no write while nothing changes', async () => {
    const before = await versions();
    const { metadata } = await stage.config('demo');
    running.writes.length = 0;
    for (const value of ['1', '2', '3']) await stage.configure('demo', {}, { poke: value });
    await passes(running, 3);
    expect(running.writes).toEqual([]);
    expect(await versions()).toEqual(before);
    // The annotation is the test's own write.
    expect((await stage.config('demo')).metadata.generation).toBe(metadata.generation);
  });

  it('is left as it is by another operator of the same version', async () => {
    const before = await versions();
    await running.stop();
    running = await stage.operate();
    await passes(running, 2);
    expect(await versions()).toEqual(before);
  });
});
