import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KubeObject, resources } from '@bundler/operator/kube';
import type { PolicyRule } from '@bundler/operator/rbac';
import { kubeconfig } from '../kube/connection.ts';
import { findControlPlane } from '../kube/index.ts';
import { describeUnless } from '../src/left-out.ts';
import { until } from '../src/until.ts';
import { accountWith } from './kit/account.ts';
import { passes } from './kit/passes.ts';
import { runPlugin } from './kit/plugin.ts';
import { minimalSpec, type RunningOperator, Stage } from './kit/stage.ts';

// Each test starts processes, and a Node that loads the Kubernetes client takes seconds on a busy machine.
import.meta.jest.setTimeout(60_000);

const kube = await findControlPlane(process.env);

/** All that somebody needs who looks after platforms: no right to read a Secret, none to update a spec as a whole. */
const rules: PolicyRule[] = [
  { apiGroups: ['bundler.permaweb.dev'], resources: ['bundlerconfigs'], verbs: ['get', 'list', 'patch'] },
  { apiGroups: ['apps'], resources: ['controllerrevisions'], verbs: ['list'] },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list', 'patch'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
];

describeUnless(kube.missing, 'kubectl bundler', () => {
  let stage: Stage;
  let running: RunningOperator;
  let directory: string;

  beforeAll(async () => {
    const admin = await kube.shared();
    stage = await Stage.open(admin);
    stage.nodes.start();
    running = await stage.operate();
    directory = await mkdtemp(join(tmpdir(), 'kubectl-bundler-'));
    await writeFile(join(directory, 'admin'), kubeconfig(admin), { mode: 0o600 });
    await writeFile(join(directory, 'limited'), kubeconfig(await accountWith(rules, stage, admin)), { mode: 0o600 });
    await stage.configure('demo');
    await stage.condition('demo', 'Ready');
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const bundler = (args: readonly string[], { as = 'limited', input = '' } = {}) =>
    runPlugin([...args, '-n', stage.namespace, '--kubeconfig', join(directory, as)], input);
  const edited = (spec: object) =>
    JSON.stringify({
      apiVersion: 'bundler.permaweb.dev/v1alpha1',
      kind: 'BundlerConfig',
      metadata: { name: 'demo' },
      spec: { ...minimalSpec, ...spec },
    });
  const specOf = async () => (await stage.config('demo')).spec;

  it('shows what a platform is doing, and says by its exit code whether that is well', async () => {
    const { code, out } = await bundler(['status', 'demo']);
    expect(code).toBe(0);
    expect(out).toMatch(/conditions\n.*Ready +True/);
    expect(out).toMatch(/plan +1\/1 ready/);
    expect(out).not.toContain('\u001b[');
    const missing = await bundler(['status', 'nowhere']);
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.err).toContain('there is no BundlerConfig "nowhere"');
  });

  it('plans an edit without the right to make it, and leaves the object as it was', async () => {
    const { metadata } = await stage.config('demo');
    const wanted = edited({ database: { secretRef: { name: 'database' }, pool: { max: 55 } } });
    const { code, out } = await bundler(['plan', '-f', '-'], { input: wanted });
    expect(out).toContain('because DB_POOL_MAX 50 → 55');
    expect(out).toMatch(/database\.pool\.max +50 → 55 +restarts pods/);
    expect(out).toContain('API server: not asked');
    expect(code).toBe(0);
    expect((await stage.config('demo')).metadata.generation).toBe(metadata.generation);
  });

  it('tells live settings from those that restart pods', async () => {
    const { out } = await bundler(['plan', 'demo', '--set', 'workers.plan.paused=true'], { as: 'admin' });
    expect(out).toMatch(/workers\.plan\.paused +false → true +live/);
    expect(out).toContain('no pod would be restarted');
    expect(out).toContain('API server: accepted');
    const same = await bundler(['plan', 'demo', '--set', 'suspend=false']);
    expect(same.out).toContain('nothing would change');
  });

  it('says what breaks the budget, as the API server does', async () => {
    const { code, out } = await bundler(['plan', 'demo', '--set', 'database.maxConnections=20'], { as: 'admin' });
    expect(code).toBe(1);
    expect(out).toContain('API server: refused');
    expect(out).toContain('of 490 → 10 available');
  });

  it('says by its exit code whether a platform bears a load', async () => {
    const bears = (rate: string) => bundler(['capacity', 'demo', '--uploads-per-second', rate, '--check']);
    expect(await bears('10')).toMatchObject({ code: 0, out: expect.stringContaining('demo bears it') });
    expect(await bears('10000')).toMatchObject({ code: 1, out: expect.stringMatching(/upload needs \d+ pods/) });
  });

  it('pauses and resumes a platform and a queue', async () => {
    expect((await bundler(['pause', 'demo'])).out).toContain('demo is suspended');
    expect(await specOf()).toMatchObject({ suspend: true });
    expect((await bundler(['resume', 'demo'])).code).toBe(0);
    expect(await specOf()).toMatchObject({ suspend: false });
    await bundler(['pause', 'demo', 'plan']);
    expect(await specOf()).toMatchObject({ workers: { plan: { paused: true } } });
    await bundler(['resume', 'demo', 'plan']);
    expect(await specOf()).toMatchObject({ workers: { plan: { paused: false } } });
    await stage.condition('demo', 'Ready');
    expect(await bundler(['pause', 'demo', 'nothing'])).toMatchObject({ code: 2 });
  });

  it('restarts one component, and the operator lets it', async () => {
    const templateOf = async (name: string) => {
      const found = await stage.get<KubeObject & { spec: { template: { metadata: { annotations?: object } } } }>(
        resources.deployments,
        name,
      );
      return found?.spec.template.metadata.annotations;
    };
    const { out } = await bundler(['restart', 'demo', 'upload']);
    expect(out).toBe('deployment/demo-upload restarts\n');
    await stage.api.patch(stage.ref(resources.deployments, 'demo-upload'), {
      metadata: { labels: { 'app.kubernetes.io/name': 'x' } },
    });
    await until(async () => {
      const live = await stage.get(resources.deployments, 'demo-upload');
      return live?.metadata.labels?.['app.kubernetes.io/name'] === 'bundler';
    });
    await passes(running, 2);
    expect(await templateOf('demo-upload')).toHaveProperty(['kubectl.kubernetes.io/restartedAt']);
    expect(await templateOf('demo-plan')).not.toHaveProperty(['kubectl.kubernetes.io/restartedAt']);
  });

  it('goes back to the spec before, and only when told so', async () => {
    await stage.configure('demo', { image: { repository: 'bundler', tag: '2.0.0' } });
    await stage.condition('demo', 'Ready');
    const asked = await bundler(['rollback', 'demo']);
    expect(asked).toMatchObject({ code: 2 });
    expect(asked.out).toMatch(/image\.tag +2\.0\.0 → 1\.0\.0/);
    expect(await specOf()).toMatchObject({ image: { tag: '2.0.0' } });
    const { code, err } = await bundler(['rollback', 'demo', '--yes']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(await specOf()).toMatchObject({ image: { tag: '1.0.0' } });
    await stage.condition('demo', 'Ready');
  });

  it('makes a wallet once, and never in the place of another', async () => {
    const made = await bundler(['keygen', '--apply', '--wallet-secret', 'fresh']);
    expect(made).toMatchObject({ code: 0, out: '' });
    expect(made.err).toMatch(/address is [\w-]{43}\n/);
    const { data } = (await stage.get<KubeObject & { data: Record<string, string> }>(resources.secrets, 'fresh')) ?? {};
    const jwk = JSON.parse(Buffer.from(Object.values(data ?? {})[0] ?? '', 'base64').toString()) as { n: string };
    expect(Buffer.from(jwk.n, 'base64url')).toHaveLength(512);
    const again = await bundler(['keygen', '--apply', '--wallet-secret', 'fresh']);
    expect(again).toMatchObject({ code: 1 });
    expect((await stage.get<KubeObject & { data: object }>(resources.secrets, 'fresh'))?.data).toEqual(data);
  });

  it('finds out what is missing', async () => {
    const { code, out } = await bundler(['doctor', 'demo'], { as: 'admin' });
    expect(out).toMatch(/ok +CRD +bundler.permaweb.dev\/v1alpha1 is served/);
    expect(out).toMatch(/ok +CRD +its schema is this plugin's/);
    expect(out).toMatch(/warn +policies +bundlerconfig-connection-budget does not exist/);
    expect(out).toMatch(/warn +KEDA +absent/);
    expect(out).toMatch(/ok +demo +Secrets with the keys that pods need: .*database/);
    // The operator of these tests holds no Lease.
    expect(out).toMatch(/fail +operator +Lease .* does not exist/);
    expect(code).toBe(1);
    const limited = await bundler(['doctor', 'demo']);
    expect(limited.out).toMatch(/warn +rights .*update bundlerconfigs/);
    expect(limited.out).toMatch(/warn +policies +could not be looked at/);
  });
});
