import { type KubeObject, resources } from '@bundler/operator/kube';
import { findControlPlane } from '../kube/index.ts';
import { describeUnless } from '../src/left-out.ts';
import { until } from '../src/until.ts';
import { type RunningOperator, Stage } from './kit/stage.ts';

const kube = await findControlPlane(process.env);

describeUnless(kube.missing, 'a BundlerConfig', () => {
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

  it('becomes a platform whose every object it owns', async () => {
    const { uid } = (await stage.config('demo')).metadata;
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
    const objects = (await Promise.all(types.map((type) => stage.list(type)))).flat();
    expect(
      objects.map(({ kind, metadata }) => `${kind}/${metadata.name.replace(/-[0-9a-f]{10}$/, '-#')}`),
    ).toMatchSnapshot();
    for (const { metadata } of objects) {
      expect(metadata.ownerReferences).toMatchObject([{ kind: 'BundlerConfig', name: 'demo', uid, controller: true }]);
    }
  });
});
