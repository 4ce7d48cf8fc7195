import { fixtures, renderFixture } from '@bundler/operator/fixtures';
import { type KubeObject, resources } from '@bundler/operator/kube';
import { ask, type ControlPlane, findControlPlane } from '../kube/index.ts';
import { customResource } from '../operator/kit/custom-resource.ts';
import { apiOf } from '../operator/kit/stage.ts';
import { describeUnless } from '../src/left-out.ts';
import { findHelm } from '../src/tools/helm.ts';
import { until } from '../src/until.ts';
import { operatorValues, ownServices, platformValues } from './fixtures/values.ts';
import { Chart, podsOf, type Rendered } from './kit/chart.ts';

const helm = await findHelm(process.env);
const kube = await findControlPlane(process.env);

/** Only pods that meet the `restricted` Pod Security Standard may run in it. */
const restricted = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
});

describeUnless(helm.missing ?? kube.missing, 'a real API server and the charts', () => {
  const platform = new Chart(helm.binary, 'bundler');
  const operator = new Chart(helm.binary, 'bundler-operator');
  let plane: ControlPlane;
  let api: ReturnType<typeof apiOf>['api'];
  let close: () => Promise<void>;
  const at = (release: string, namespace: string) => ({ release, namespace, kubeconfig: plane.kubeconfig });

  beforeAll(async () => {
    plane = await kube.start();
    ({ api, close } = apiOf(plane));
    for (const name of ['operator', 'platform', 'bundler', 'one', 'two']) await api.create(restricted(name));
    for (const [group, version, kind, plural] of [
      ['keda.sh', 'v1alpha1', 'ScaledObject', 'scaledobjects'],
      ['keda.sh', 'v1alpha1', 'TriggerAuthentication', 'triggerauthentications'],
      ['monitoring.coreos.com', 'v1', 'PodMonitor', 'podmonitors'],
    ] as const) {
      await api.apply(customResource(group, version, kind, plural), { fieldManager: 'test' });
    }
    await until(() => api.serves(resources.podMonitors), 30_000);
    // As its users do, in the order in which they do it.
    await operator.run('install', at('operator', 'operator'), {}, '--dry-run=server');
    await operator.run('install', at('operator', 'operator'));
    await until(() => api.serves(resources.bundlerConfigs), 30_000);
  }, 120_000);
  afterAll(async () => {
    await close?.();
    await plane?.stop();
  });

  /** Why the API server would not take the pods of these objects; nothing is kept. */
  async function refusedPods(namespace: string, objects: readonly Rendered[]): Promise<string[]> {
    const refused: string[] = [];
    for (const object of objects) {
      for (const [index, { metadata, spec }] of podsOf(object).entries()) {
        const pod = {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: `pod-${index}`, namespace, labels: metadata?.labels },
          // Its controller would set this; there are no PriorityClasses but the two of Kubernetes itself.
          spec: { ...spec, restartPolicy: spec['restartPolicy'] ?? 'Always', priorityClassName: undefined },
        };
        const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`;
        const { status, body } = await ask(plane, { method: 'POST', path, body: pod });
        if (status !== 201) refused.push(`${object.kind}/${object.metadata.name}: ${body.message}`);
      }
    }
    return refused;
  }

  it.each(Object.entries(operatorValues))(
    "takes the operator's pods where restricted is enforced: %s",
    async (_, values) => {
      const objects = await operator.template(values, 'operator', 'operator');
      expect(objects.flatMap(podsOf)).toHaveLength(1);
      expect(await refusedPods('operator', objects)).toEqual([]);
    },
  );

  it.each(Object.entries(platformValues))(
    'takes the whole platform where restricted is enforced: %s',
    async (_, values) => {
      await platform.run('install', at('demo', 'platform'), values, '--dry-run=server');
      const objects = await platform.template(values, 'demo', 'platform');
      for (const object of objects) {
        if (object.kind === 'Role' || object.kind === 'RoleBinding') continue;
        await api.apply(object as KubeObject, { fieldManager: 'helm', dryRun: true });
      }
      expect(await refusedPods('platform', objects)).toEqual([]);
    },
  );

  it.each(Object.entries(fixtures))(
    'takes everything that the operator makes of an example: %s',
    async (_, fixture) => {
      const manifests = renderFixture(fixture);
      for (const manifest of manifests) await api.apply(manifest, { fieldManager: 'bundler-operator', dryRun: true });
      expect(await refusedPods('bundler', manifests as unknown as Rendered[])).toEqual([]);
    },
  );

  it('and would refuse a pod that does not meet it', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'root' },
      spec: { containers: [{ name: 'a', image: 'b' }] },
    };
    expect(await refusedPods('platform', [pod])).toEqual([expect.stringContaining('violates PodSecurity "restricted')]);
  });

  it('refuses a platform without its backing services, and says which', async () => {
    await expect(platform.run('install', at('bare', 'platform'))).rejects.toThrow(/database\.secretRef\.name/);
  });

  it("keeps a trial's passwords over an upgrade, and its key", async () => {
    const trial = { trial: { enabled: true } };
    const secrets = async () => {
      const { items } = await api.list<KubeObject & { data?: Record<string, string> }>(resources.secrets, {
        namespace: 'platform',
        labelSelector: 'app.kubernetes.io/instance=trial',
      });
      return Object.fromEntries(items.map(({ metadata, data }) => [metadata.name, data]));
    };
    const notes = await platform.run('install', at('trial', 'platform'), trial);
    expect(notes).toContain('kubectl -n platform wait --for=condition=Ready bundlerconfig/trial');
    expect(notes).toContain('THIS IS A TRIAL');
    const wallet = { type: resources.secrets, namespace: 'platform', name: 'trial-trial-wallet' };
    await api.patch(wallet, { data: { 'wallet.json': Buffer.from('{}').toString('base64') } });
    const before = await secrets();
    expect(Object.keys(before)).toHaveLength(5);

    await platform.run('upgrade', at('trial', 'platform'), { ...trial, extraLabels: { team: 'a' } });
    expect(await secrets()).toEqual(before);
    await platform.uninstall(at('trial', 'platform'));
    expect(await secrets()).toEqual({});
  });

  it('keeps the CRD and every BundlerConfig when the operator is uninstalled, and nothing else of it', async () => {
    const place = { ...at('second', 'one') };
    const values = { watchNamespaces: ['one', 'two'], crds: { enabled: false }, admissionPolicies: { enabled: false } };
    expect(await operator.run('install', place, values)).toContain('BundlerConfigs of the namespaces one, two.');
    await operator.uninstall(place);

    await platform.run('install', at('kept', 'platform'), ownServices);
    await operator.uninstall(at('operator', 'operator'));
    const config = { type: resources.bundlerConfigs, namespace: 'platform', name: 'kept' };
    expect((await api.get(config)).metadata.name).toBe('kept');
    const types = [
      resources.deployments,
      resources.services,
      resources.serviceAccounts,
      resources.networkPolicies,
      resources.podDisruptionBudgets,
      resources.roles,
      resources.roleBindings,
      resources.leases,
    ];
    const left = await Promise.all(
      types.map((type) => api.list(type, { labelSelector: 'app.kubernetes.io/name=bundler-operator' })),
    );
    expect(left.flatMap(({ items }) => items.map(({ metadata }) => metadata.name))).toEqual([]);
    // What is kept can be taken over by the next installation.
    await operator.run('install', at('operator', 'operator'));
  });
});
