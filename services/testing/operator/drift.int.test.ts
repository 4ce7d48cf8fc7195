import { type KubeObject, resources } from '@bundler/operator/kube';
import { findControlPlane } from '../kube/index.ts';
import { describeUnless } from '../src/left-out.ts';
import { until } from '../src/until.ts';
import { type RunningOperator, Stage } from './kit/stage.ts';

const kube = await findControlPlane(process.env);

interface Deployment extends KubeObject {
  readonly spec: { readonly replicas: number };
}

describeUnless(kube.missing, 'what others change', () => {
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

  const deployment = (name: string) => stage.get<Deployment>(resources.deployments, name);
  const corrected = async () =>
    (await running.metrics.driftCorrected.get()).values.map(({ labels, value }) => ({ ...labels, value }));
  const heard = (text: string) => until(() => running.events.some((event) => event.includes(text)));

  it('is made anew when it was deleted', async () => {
    const { uid } = (await deployment('demo-plan'))!.metadata;
    await stage.api.delete(stage.ref(resources.deployments, 'demo-plan'));
    await until(async () => ((await deployment('demo-plan'))?.metadata.uid ?? uid) !== uid);
    await heard('Deployment/demo-plan was deleted and is made anew');
    expect(await corrected()).toContainEqual({ kind: 'Deployment', manager: 'unknown', value: 1 });
  });

  it('is set right when it is ours, and an event says who it was', async () => {
    const patch = { metadata: { labels: { 'app.kubernetes.io/component': 'mine' } } };
    await stage.api.patch(stage.ref(resources.services, 'demo-upload'), patch, { fieldManager: 'kubectl-edit' });
    await until(
      async () =>
        (await stage.get(resources.services, 'demo-upload'))?.metadata.labels?.['app.kubernetes.io/component'] ===
        'upload',
    );
    await heard('Service/demo-upload had another metadata.labels.app.kubernetes.io/component; that was kubectl-edit');
    expect(await corrected()).toContainEqual({ kind: 'Service', manager: 'kubectl-edit', value: 1 });
    await until(async () => (await stage.config('demo')).status.drift.corrected === 2);
  });

  it('is left alone when it is theirs', async () => {
    const theirs = { metadata: { labels: { team: 'a' }, annotations: { note: 'b' } } };
    await stage.api.patch(stage.ref(resources.services, 'demo-upload'), theirs, { fieldManager: 'kubectl-edit' });
    await stage.configure('demo', { upload: { service: { annotations: { ours: 'yes' } } } });
    await until(async () => (await stage.get(resources.services, 'demo-upload'))?.metadata.annotations?.ours === 'yes');
    const { metadata } = (await stage.get(resources.services, 'demo-upload'))!;
    expect(metadata).toMatchObject({ labels: { team: 'a' }, annotations: { note: 'b' } });
  });

  it('is set right when somebody scales what has a fixed size', async () => {
    await stage.api.patch(
      stage.ref(resources.deployments, 'demo-redrive'),
      { spec: { replicas: 3 } },
      { fieldManager: 'kubectl-scale' },
    );
    await until(async () => (await deployment('demo-redrive'))?.spec.replicas === 1);
    await heard('Deployment/demo-redrive had another spec.replicas; that was kubectl-scale');
  });

  it('is left to the autoscaler when somebody scales what has one', async () => {
    await stage.api.patch(
      stage.ref(resources.deployments, 'demo-upload'),
      { spec: { replicas: 4 } },
      { fieldManager: 'vpa' },
    );
    await stage.configure('demo', { upload: { service: { annotations: { ours: 'again' } } } });
    await until(
      async () => (await stage.get(resources.services, 'demo-upload'))?.metadata.annotations?.ours === 'again',
    );
    await stage.condition('demo', 'Ready');
    expect((await deployment('demo-upload'))?.spec.replicas).toBe(4);
  });

  it('is not fought over for ever', async () => {
    const ref = stage.ref(resources.configMaps, 'demo-live');
    const fought = async () => (await running.metrics.applyLoops.get()).values.length > 0;
    const other = { metadata: { labels: { 'app.kubernetes.io/part-of': 'other' } } };
    const isTheirs = async () =>
      (await stage.get(resources.configMaps, 'demo-live'))?.metadata.labels?.['app.kubernetes.io/part-of'] === 'other';
    for (let round = 0; !(await fought()); round += 1) {
      expect(round).toBeLessThan(6);
      await stage.api.patch(ref, other, { fieldManager: 'rival' });
      await until(async () => !(await isTheirs()) || (await fought()));
    }
    await heard('ConfigMap/demo-live is left alone for a while: rival undoes every correction');
    expect(await isTheirs()).toBe(true);
  });
});
