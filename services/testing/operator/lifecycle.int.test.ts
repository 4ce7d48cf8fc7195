import { queueNames } from '@bundler/contract';
import { type KubeObject, resources } from '@bundler/operator/kube';
import { type ControlPlane, findControlPlane } from '../kube/index.ts';
import { describeUnless } from '../src/left-out.ts';
import { until } from '../src/until.ts';
import { customResource } from './kit/custom-resource.ts';
import { Kubelet } from './kit/kubelet.ts';
import { apiOf, type RunningOperator, Stage } from './kit/stage.ts';

const kube = await findControlPlane(process.env, { controllers: true });

interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly [{ readonly image: string }] } };
  };
}

/** The garbage collector looks for new kinds of owners every 30 s. */
const COLLECTION_MS = 90_000;

const spec = (tag: string, over: object = {}) => ({
  image: { repository: 'bundler', tag },
  rollout: { minReady: '0s' },
  ...over,
});

describeUnless(kube.missing, 'with the controllers of Kubernetes, a platform', () => {
  let plane: ControlPlane;
  let stage: Stage;
  let kubelet: Kubelet;
  let running: RunningOperator;
  beforeAll(async () => {
    plane = await kube.start();
  }, 120_000);
  afterAll(() => plane?.stop());
  beforeEach(async () => {
    stage = await Stage.open(plane);
    kubelet = new Kubelet(plane, stage.api, stage.namespace);
    kubelet.start();
    running = await stage.operate();
    await stage.configure('demo', spec('1'));
    await stage.condition('demo', 'Ready', 'True', 60_000);
  }, 120_000);
  afterEach(async () => {
    await kubelet?.stop();
    await stage?.close();
  });

  const podsOf = async (component?: string) =>
    (await stage.list(resources.pods))
      .filter(
        ({ metadata }) => component === undefined || metadata.labels?.['app.kubernetes.io/component'] === component,
      )
      .map(({ metadata }) => metadata.uid)
      .toSorted();
  const images = async () =>
    (await stage.list(resources.deployments)).map(
      (live) => (live as Deployment & typeof live).spec.template.spec.containers[0].image,
    );
  const deployments = async () => (await stage.list(resources.deployments)).map(({ metadata }) => metadata.name);

  it('keeps its pods when another operator takes over', async () => {
    const before = await podsOf();
    await running.stop();
    running = await stage.operate({ image: 'bundler:of-a-new-operator' });
    await stage.configure('demo', spec('1'), { poke: 'it' });
    await until(() => running.writes.some(({ object }) => object === 'ServiceAccount/demo'));
    await stage.condition('demo', 'Ready');
    expect(await podsOf()).toEqual(before);
  }, 60_000);

  it('loses no pod of the upload API to an image that crashes', async () => {
    const upload = await podsOf('upload');
    kubelet.broken.add('bundler:2');
    await stage.configure('demo', spec('2'));
    expect(await stage.condition('demo', 'RolledBack', 'True', 30_000)).toMatch(
      /^CrashLoop: .*container workers-[a-z-]+ of pod demo-.* was restarted 3 times, last after Error with exit code 1/,
    );
    await stage.condition('demo', 'Ready', 'True', 30_000);
    expect(await podsOf('upload')).toEqual(upload);
    await until(async () => new Set(await images()).size === 1, 30_000);
    expect(new Set(await images())).toEqual(new Set(['bundler:1']));
  }, 90_000);

  it('goes with its BundlerConfig', async () => {
    await stage.api.delete(stage.ref(resources.bundlerConfigs, 'demo'));
    await until(async () => (await deployments()).length === 0, COLLECTION_MS);
    const types = [resources.services, resources.jobs, resources.networkPolicies, resources.controllerRevisions];
    await until(
      async () => (await Promise.all(types.map((type) => stage.list(type)))).flat().length === 0,
      COLLECTION_MS,
    );
  }, 180_000);

  it('stays when it is to be orphaned, and is taken back without a restart', async () => {
    const before = await podsOf('upload');
    await stage.configure('demo', spec('1', { deletionPolicy: 'Orphan' }));
    await until(async () => ((await stage.config('demo')).metadata.finalizers ?? []).length === 1);
    await stage.api.delete(stage.ref(resources.bundlerConfigs, 'demo'));
    await until(async () => (await stage.get(resources.bundlerConfigs, 'demo')) === undefined);
    expect(await deployments()).toHaveLength(1 + queueNames.length);
    for (const { metadata } of await stage.list(resources.deployments))
      expect(metadata.ownerReferences ?? []).toEqual([]);

    const { metadata } = await stage.configure('demo', spec('1'));
    await stage.condition('demo', 'Ready', 'True', 30_000);
    expect((await stage.get(resources.deployments, 'demo-upload'))?.metadata.ownerReferences).toMatchObject([
      { uid: metadata.uid },
    ]);
    expect(await podsOf('upload')).toEqual(before);
  }, 90_000);
});

describeUnless(kube.missing, 'KEDA', () => {
  let plane: ControlPlane;
  let stage: Stage;
  let kubelet: Kubelet;
  let running: RunningOperator;
  beforeAll(async () => {
    plane = await kube.start();
    stage = await Stage.open(plane);
    kubelet = new Kubelet(plane, stage.api, stage.namespace);
    kubelet.start();
    running = await stage.operate();
    await stage.configure('demo', spec('1', { workers: { plan: { replicas: 3, scaling: { maxReplicas: 4 } } } }));
    await stage.condition('demo', 'Ready', 'True', 60_000);
  }, 180_000);
  afterAll(async () => {
    await kubelet?.stop();
    await stage?.close();
    await plane?.stop();
  });

  const replicas = async () =>
    ((await stage.get(resources.deployments, 'demo-plan')) as unknown as { spec: { replicas: number } }).spec.replicas;
  const scaledObjects = async () => {
    const { api, close } = apiOf(plane);
    try {
      return (await api.list(resources.scaledObjects, { namespace: stage.namespace })).items.map(
        ({ metadata }) => metadata.name,
      );
    } finally {
      await close();
    }
  };

  it('that is absent leaves a fixed number of workers, and a condition', async () => {
    expect(await replicas()).toBe(3);
    expect(await stage.condition('demo', 'AutoscalingReady', 'False')).toContain('KEDANotInstalled');
  });

  it('that is installed later is given the workers without a dip', async () => {
    const pods = (await stage.list(resources.pods)).map(({ metadata }) => metadata.uid).toSorted();
    const least: number[] = [];
    const { api, close } = apiOf(plane);
    const watch = (async () => {
      for (const [kind, plural] of [
        ['ScaledObject', 'scaledobjects'],
        ['TriggerAuthentication', 'triggerauthentications'],
      ] as const) {
        await api.apply(customResource('keda.sh', 'v1alpha1', kind, plural), { fieldManager: 'helm' });
      }
      await until(async () => {
        least.push(await replicas());
        return (await api.serves(resources.scaledObjects)) && (await scaledObjects()).includes('demo-plan');
      }, 30_000);
    })();
    await watch;
    await close();
    await until(() => running.events.some((event) => event.includes('ScalingHandedOver')));
    const live = await stage.get(resources.deployments, 'demo-plan');
    const ours = live?.metadata.managedFields?.find(({ manager }) => manager === 'bundler-operator');
    expect(ours?.fieldsV1?.['f:spec']).not.toHaveProperty('f:replicas');
    expect(Math.min(...least, await replicas())).toBe(3);
    expect((await stage.list(resources.pods)).map(({ metadata }) => metadata.uid).toSorted()).toEqual(pods);
    expect((await stage.config('demo')).metadata.finalizers).toEqual(['bundler.permaweb.dev/cleanup']);
  }, 60_000);

  it('gives a queue back that is to have a fixed number', async () => {
    await stage.configure('demo', spec('1', { workers: { plan: { replicas: 2, scaling: { mode: 'Fixed' } } } }));
    await until(async () => !(await scaledObjects()).includes('demo-plan') && (await replicas()) === 2, 30_000);
    expect(await scaledObjects()).toContain('demo-seed');
    await stage.condition('demo', 'Reconciling', 'False', 30_000);
  }, 60_000);

  it("'s objects go before the Deployments, and hold nothing up", async () => {
    await stage.api.delete(stage.ref(resources.bundlerConfigs, 'demo'));
    await until(async () => (await stage.list(resources.deployments)).length === 0, COLLECTION_MS);
    expect(await scaledObjects()).toEqual([]);
    expect(running.writes.filter(({ method }) => method === 'delete').map(({ object }) => object)).toContain(
      'ScaledObject/demo-seed',
    );
  }, 120_000);
});
