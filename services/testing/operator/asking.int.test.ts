import { queueNames } from '@bundler/contract';
import { type KubeObject, resources } from '@bundler/operator/kube';
import { findControlPlane } from '../kube/index.ts';
import { describeUnless } from '../src/left-out.ts';
import { until } from '../src/until.ts';
import { type RunningOperator, Stage } from './kit/stage.ts';

const kube = await findControlPlane(process.env);

describeUnless(kube.missing, 'what a BundlerConfig asks for', () => {
  let stage: Stage;
  let running: RunningOperator;
  beforeEach(async () => {
    stage = await Stage.open(await kube.shared());
    stage.nodes.start();
    running = await stage.operate({ image: '' });
  }, 120_000);
  afterEach(() => stage?.close());

  const installed = async (spec: object = {}) => {
    await stage.configure('demo', spec);
    await stage.condition('demo', 'Ready');
  };
  const generations = async () =>
    Object.fromEntries(
      (await stage.list(resources.deployments)).map(({ metadata }) => [metadata.name, metadata.generation]),
    );

  it('is refused with a message when it cannot be used, and what ran goes on', async () => {
    await installed();
    const before = await generations();
    // The API server refuses what breaks a rule of the CRD; what an operator has no image for, only that operator knows.
    await stage.configure('demo', { image: null });
    expect(await stage.condition('demo', 'ConfigValid', 'False')).toContain(
      'Invalid: spec.image.repository is empty, and this operator brings no image of its own',
    );
    expect(await stage.condition('demo', 'Stalled')).toContain('InvalidSpec');
    await stage.condition('demo', 'Ready');
    expect(await generations()).toEqual(before);

    await stage.api.delete(stage.ref(resources.deployments, 'demo-plan'));
    await until(async () => 'demo-plan' in (await generations()));
  });

  it('waits while it is suspended, and is done when it no longer is', async () => {
    await installed();
    await stage.configure('demo', { suspend: true, image: { repository: 'bundler', tag: '2' } });
    await stage.condition('demo', 'Suspended');
    running.writes.length = 0;
    await stage.api.delete(stage.ref(resources.deployments, 'demo-plan'));
    await until(async () => (await stage.config('demo')).status.components.length === queueNames.length);
    const { metadata, status } = await stage.config('demo');
    expect(status.observedGeneration).toBeLessThan(metadata.generation ?? 0);
    expect(new Set(running.writes.map(({ method }) => method))).toEqual(new Set(['patchStatus']));
    await stage.configure('demo', { suspend: false, image: { repository: 'bundler', tag: '2' } });
    await stage.condition('demo', 'Ready');
    expect(Object.keys(await generations())).toContain('demo-plan');
  });

  it('is only told under the dry-run annotation', async () => {
    await installed();
    const before = await generations();
    const dryRun = { 'bundler.permaweb.dev/dry-run': 'true' };
    await stage.configure('demo', { database: { secretRef: { name: 'database' }, pool: { max: 55 } } }, dryRun);
    await until(async () => (await stage.config('demo')).status.plan !== undefined);
    const { metadata, status } = await stage.config('demo');
    expect(status.plan).toMatchObject({ generation: metadata.generation, problems: [] });
    expect(status.plan.changes).toContain('Deployment/demo-upload');
    const restart = status.plan.restarts.find(({ deployment }) => deployment === 'demo-upload');
    expect(restart?.reasons).toEqual(['DB_POOL_MAX 50 → 55']);
    expect(await generations()).toEqual(before);

    await stage.configure('demo', { database: { secretRef: { name: 'database' }, pool: { max: 55 } } });
    await stage.condition('demo', 'Ready');
    expect((await stage.config('demo')).status.plan).toBeUndefined();
    expect((await generations())['demo-upload']).toBeGreaterThan(before['demo-upload'] ?? 0);
  });

  it('does not take what belongs to others, unless it says so', async () => {
    const metadata = { name: 'demo-upload', namespace: stage.namespace };
    const theirs = { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'x', port: 1 }] } };
    await stage.api.create(theirs as KubeObject);
    await stage.configure('demo');
    expect(await stage.condition('demo', 'Stalled', 'True')).toContain('it was made by somebody else');
    expect((await stage.get(resources.services, 'demo-upload'))?.metadata.ownerReferences).toBeUndefined();
    await stage.configure('demo', {}, { 'bundler.permaweb.dev/adopt': 'true' });
    await stage.condition('demo', 'Ready');
    expect((await stage.get(resources.services, 'demo-upload'))?.metadata.ownerReferences).toHaveLength(1);
  });

  it('is looked after in every namespace that the operator is told of, and in no other', async () => {
    const other = await Stage.open(await kube.shared());
    const unwatched = await Stage.open(await kube.shared());
    try {
      await running.stop();
      running = await stage.operate({ image: '', namespaces: [stage.namespace, other.namespace] });
      for (const { nodes } of [other, unwatched]) nodes.start();
      for (const one of [stage, other, unwatched]) await one.configure('demo');
      await Promise.all([stage, other].map((one) => one.condition('demo', 'Ready')));
      expect((await unwatched.config('demo')).status).toBeUndefined();
      expect(await unwatched.list(resources.deployments)).toEqual([]);
    } finally {
      await other.close();
      await unwatched.close();
    }
  });
});
