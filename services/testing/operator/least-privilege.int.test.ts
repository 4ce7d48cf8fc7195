import { LeaderElection, resources } from '@bundler/operator/kube';
import { createOperatorMetrics, systemClock } from '@bundler/operator/runtime';
import { createLogger } from '@bundler/runtime';
import { type ControlPlane, findControlPlane } from '../kube/index.ts';
import { describeUnless } from '../src/left-out.ts';
import { until } from '../src/until.ts';
import { accountWith, chartRules, without } from './kit/account.ts';
import { customResource } from './kit/custom-resource.ts';
import { apiOf, type RunningOperator, Stage } from './kit/stage.ts';
import { notingVerbs } from './kit/verbs.ts';

const kube = await findControlPlane(process.env);

const image = (tag: string) => ({ image: { repository: 'bundler', tag } });
const withRedisSecret = {
  redis: { queue: { host: 'queue' }, cache: { host: 'cache' }, secretRef: { name: 'redis' } },
};

describeUnless(kube.missing, "the rights of the operator's ServiceAccount", () => {
  let plane: ControlPlane;
  let stage: Stage;
  beforeAll(async () => {
    plane = await kube.start();
    const { api, close } = apiOf(plane);
    for (const [group, version, kind, plural] of [
      ['keda.sh', 'v1alpha1', 'ScaledObject', 'scaledobjects'],
      ['keda.sh', 'v1alpha1', 'TriggerAuthentication', 'triggerauthentications'],
      ['monitoring.coreos.com', 'v1', 'PodMonitor', 'podmonitors'],
    ] as const) {
      await api.apply(customResource(group, version, kind, plural), { fieldManager: 'helm' });
    }
    await until(() => api.serves(resources.podMonitors));
    await close();
  }, 120_000);
  afterAll(() => plane?.stop());
  beforeEach(async () => {
    stage = await Stage.open(plane);
    await stage.secret('admins', { 'admin-keys': `${'0'.repeat(64)} alice` });
    await stage.secret('redis', { REDIS_QUEUE_PASSWORD: 'a', REDIS_CACHE_PASSWORD: 'b' });
    stage.nodes.start();
  }, 60_000);
  afterEach(() => stage?.close());

  const ready = () => stage.condition('demo', 'Ready');

  /** Everything that an operator ever does, once. */
  async function wholeLife({ events, writes }: RunningOperator): Promise<void> {
    const admin = { enabled: true, keysSecretRef: { name: 'admins' } };
    await stage.configure('demo', { ...image('1'), ...withRedisSecret, admin });
    await ready();
    // Every kind that can become superfluous does.
    const lean = {
      networkPolicy: { enabled: false },
      observability: { monitors: 'None' },
      workers: { layout: 'Combined' },
    };
    const fixed = { upload: { autoscaling: { mode: 'Fixed' }, replicas: 1 } };
    await stage.configure('demo', { ...image('2'), ...lean, ...fixed });
    const gone = [
      'ScaledObject',
      'TriggerAuthentication',
      'PodMonitor',
      'NetworkPolicy',
      'Deployment',
      'Service',
      'Job',
      'HorizontalPodAutoscaler',
      'PodDisruptionBudget',
    ];
    await until(
      () =>
        gone.every((kind) => writes.some(({ method, object }) => method === 'delete' && object.startsWith(`${kind}/`))),
      30_000,
    );
    for (let round = 0; round < 2; round += 1) {
      const { uid } = (await stage.get(resources.services, 'demo-upload'))!.metadata;
      await stage.api.delete(stage.ref(resources.services, 'demo-upload'));
      await until(async () => ((await stage.get(resources.services, 'demo-upload'))?.metadata.uid ?? uid) !== uid);
      await until(() => events.filter((event) => event.includes('DriftCorrected')).length === round + 1);
    }
    // More revisions than are kept.
    for (let round = 0; round < 11; round += 1) {
      await stage.configure('demo', { ...image('2'), ...lean, ...fixed, rollout: { minReady: `${round}s` } });
      await ready();
    }
    await until(() =>
      writes.some(({ method, object }) => method === 'delete' && object.startsWith('ControllerRevision/')),
    );
  }

  async function lead(connection: Parameters<typeof apiOf>[0], noted: Set<string>): Promise<void> {
    const { api, close } = apiOf(connection);
    const elected = Promise.withResolvers<void>();
    const election = new LeaderElection({
      api: notingVerbs(api, stage.api, noted),
      namespace: stage.namespace,
      name: 'bundler-operator',
      identity: 'test',
      onStarted: () => elected.resolve(),
      onLost: () => elected.reject(new Error('lost')),
      clock: systemClock,
      random: Math.random,
      logger: createLogger('election', 'silent'),
      metrics: createOperatorMetrics(),
    });
    election.start();
    await elected.promise;
    await election.stop();
    await close();
  }

  it('are what it needs for all that it ever does, and no more', async () => {
    const connection = await accountWith(chartRules, stage, plane);
    const used = new Set<string>();
    const running = await stage.operate({ connection, through: (api) => notingVerbs(api, stage.api, used) });
    await wholeLife(running);
    await running.stop();
    await lead(connection, used);
    const given = chartRules.flatMap(({ apiGroups, resources: names, verbs }) =>
      verbs.map((verb) => `${verb} ${apiGroups[0]}/${names[0]}`),
    );
    expect([...used].toSorted()).toEqual(given.toSorted());
    const applies = (await running.metrics.applies.get()).values;
    expect(applies.filter(({ labels }) => labels.result === 'failed')).toEqual([]);
  }, 120_000);

  it.each([
    ['deployments', 'patch'],
    ['deployments', 'create'],
    ['networkpolicies', 'get'],
    ['secrets', 'get'],
    ['controllerrevisions', 'list'],
  ])(
    'are missed, and the condition says which: %s %s',
    async (resource, verb) => {
      const connection = await accountWith(without(chartRules, resource, verb), stage, plane);
      await stage.operate({ connection });
      await stage.configure('demo', { ...image('1'), ...withRedisSecret });
      const said = await stage.condition('demo', 'Stalled');
      expect(said).toMatch(new RegExp(`^Forbidden: .*cannot ${verb} resource "${resource}"`));
    },
    60_000,
  );
});
