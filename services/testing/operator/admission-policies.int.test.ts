import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlerConfigKind, connectionBudget, kebabName, queueNames, readSpec, withValueAt } from '@bundler/contract';
import { bundlerConfigCrd, bundlerConfigNames, connectionBudgetPolicies } from '@bundler/operator/crd';
import { kubeconfig } from '../kube/connection.ts';
import { ask, type ControlPlane, findControlPlane, type KubeAnswer } from '../kube/index.ts';
import { describeUnless } from '../src/left-out.ts';
import { until } from '../src/until.ts';
import { minimalSpec } from './fixtures/specs.ts';
import { runPlugin } from './kit/plugin.ts';

const kube = await findControlPlane(process.env);
const { group, version, plural } = bundlerConfigNames;
const collection = `/apis/${group}/${version}/namespaces/default/${plural}`;

/** The CRD as an older version may have been: it knows the fields and judges no budget. */
function withoutRules(crd: typeof bundlerConfigCrd): unknown {
  const copy = JSON.parse(JSON.stringify(crd)) as typeof crd;
  const [served] = copy.spec.versions;
  delete (served!.schema.openAPIV3Schema.properties.spec as { 'x-kubernetes-validations'?: unknown })[
    'x-kubernetes-validations'
  ];
  return copy;
}

/** The least spec with so many connections to share. */
const specWith = (maxConnections: number) => withValueAt(minimalSpec, 'database.maxConnections', maxConnections);
const { possible, reserved } = connectionBudget(readSpec(minimalSpec, 'cluster').config);

describeUnless(kube.missing, 'the admission policies', () => {
  let plane: ControlPlane;

  const apply = async (object: { readonly apiVersion: string; readonly kind: string; metadata: { name: string } }) => {
    const resource = `${object.kind.toLowerCase().replace(/y$/, 'ie')}s`;
    const path = `/apis/${object.apiVersion}/${resource}/${object.metadata.name}?fieldManager=helm&force=true`;
    const contentType = 'application/apply-patch+yaml';
    const { status, body } = await ask(plane, { method: 'PATCH', path, body: object, contentType });
    if (status >= 300) throw new Error(body.message);
  };
  const create = (name: string, spec: unknown, query = ''): Promise<KubeAnswer<{ message?: string }>> =>
    ask(plane, {
      method: 'POST',
      path: `${collection}${query}`,
      body: { ...bundlerConfigKind, metadata: { name }, spec },
    });
  const judge = (spec: unknown) => create('judged', spec, '?dryRun=All');

  beforeAll(async () => {
    plane = await kube.start();
    await apply(withoutRules(bundlerConfigCrd) as typeof bundlerConfigCrd);
    await until(async () => (await judge(minimalSpec)).status === 201, 30_000);
    // What was there before the policies came.
    await until(async () => (await create('demo', specWith(100))).status === 201);
    for (const policy of connectionBudgetPolicies) await apply(policy);
    // The API server takes a while to compile what it was given.
    await until(async () => (await judge(specWith(100))).status !== 201, 30_000);
    await until(async () => (await judge(specWith(possible + reserved))).warnings.length > 0, 30_000);
  }, 120_000);
  afterAll(() => plane?.stop());

  it('refuse a spec whose pods could hold more connections than there are, with the sum', async () => {
    const { status, body } = await judge(specWith(possible + reserved - 1));
    expect(status).toBe(422);
    const [violation] = readSpec(specWith(possible + reserved - 1), 'cluster').violations;
    expect(body.message).toContain(`spec.database.maxConnections ${violation?.message}`);
  });

  it('warn of one that takes nearly all of them, with the sum, and of no other', async () => {
    const nearly = await judge(specWith(possible + reserved));
    expect(nearly.status).toBe(201);
    expect(nearly.warnings.join()).toContain(
      `the connection budget is nearly full: of ${possible} connections (${reserved} are reserved) the pods could hold ${possible}: upload 5 x 50, workers-${kebabName(queueNames[0]!)} `,
    );
    expect((await judge(specWith(2 * possible))).warnings).toEqual([]);
  });

  it('refuse and warn the same of the payment database, where it is said how many connections that has', async () => {
    const paid = (maxConnections: number) =>
      withValueAt(specWith(2 * possible), 'payment', {
        enabled: true,
        secretRef: { name: 'payment' },
        database: { maxConnections },
      });
    const refused = await judge(paid(61));
    const [violation] = readSpec(paid(61), 'cluster').violations;
    expect([refused.status, refused.warnings]).toEqual([422, []]);
    expect(refused.body.message).toContain(`spec.payment.database.maxConnections ${violation?.message}`);
    expect((await judge(paid(62))).warnings.join()).toContain(
      'the connection budget of the payment database is nearly full: of 62 connections the pods could hold 62: payment 3 x 20, migrations 1 x 2',
    );
    for (const plenty of [0, 100]) expect(await judge(paid(plenty))).toMatchObject({ status: 201, warnings: [] });
  });

  it('leave alone what is there already, until its spec is edited', async () => {
    const edit = (body: unknown) =>
      ask(plane, { method: 'PATCH', path: `${collection}/demo`, body, contentType: 'application/merge-patch+json' });
    expect((await edit({ metadata: { labels: { team: 'a' }, finalizers: ['example.com/held'] } })).status).toBe(200);
    expect((await edit({ metadata: { finalizers: [] } })).status).toBe(200);
    expect((await edit({ spec: { suspend: true } })).status).toBe(422);
    expect((await edit({ spec: { suspend: true, database: { maxConnections: 1000 } } })).status).toBe(200);
  });

  it('are found by the doctor, there and bound, or not', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'doctor-'));
    const config = join(directory, 'kubeconfig');
    await writeFile(config, kubeconfig(plane), { mode: 0o600 });
    const [policy, binding] = connectionBudgetPolicies;
    try {
      const doctor = async (): Promise<string> => (await runPlugin(['doctor', '--kubeconfig', config])).out;
      const healthy = await doctor();
      expect(healthy).toMatch(/ok +policies +bundlerconfig-connection-budget, .* are there and bound/);
      expect(healthy).toMatch(/warn +CRD +its schema is not this plugin's \(the same fields with other rules/);
      const path = `/apis/${binding!.apiVersion}/validatingadmissionpolicybindings/${binding!.metadata.name}`;
      expect((await ask(plane, { method: 'DELETE', path })).status).toBe(200);
      expect(await doctor()).toMatch(new RegExp(`warn +policies +${policy!.metadata.name} is not bound`));
      await apply(binding!);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }, 60_000);

  it('keep no spec out that they cannot work out, because the CRD lacks a queue that they count', async () => {
    const older = withoutRules(bundlerConfigCrd) as typeof bundlerConfigCrd;
    const { workers } = older.spec.versions[0]!.schema.openAPIV3Schema.properties.spec.properties as unknown as {
      workers: { properties: Record<string, unknown> };
    };
    delete workers.properties['cleanup'];
    await apply(older);
    const knows = async (): Promise<boolean> => {
      const { body } = await judge(minimalSpec);
      return Object.hasOwn((body as { spec?: { workers: object } }).spec?.workers ?? { cleanup: true }, 'cleanup');
    };
    await until(async () => !(await knows()), 30_000);
    expect((await judge(minimalSpec)).status).toBe(201);
  });
});
