import { bundlerConfigKind, connectionBudget, queueNames, readSpec, withValueAt } from '@bundler/contract';
import { bundlerConfigCrd, bundlerConfigNames } from '@bundler/operator/crd';
import { ask, findControlPlane, type KubeAnswer, type KubeConnection } from '../kube/index.ts';
import { pick, seededRandom } from '../src/chaos/seeded-random.ts';
import { describeUnless } from '../src/left-out.ts';
import { until } from '../src/until.ts';
import { minimalSpec, type SpecCase, specCases, specWith } from './fixtures/specs.ts';

const kube = await findControlPlane(process.env);
const { group, version, plural } = bundlerConfigNames;
const collection = `/apis/${group}/${version}/namespaces/default/${plural}`;

function titleOf({ values, refused }: SpecCase): string {
  const words = JSON.stringify(values);
  const shown = words.length > 100 ? `${words.slice(0, 100)}…` : words;
  return `${shown} is ${refused === undefined ? 'accepted' : `refused for ${refused}`}`;
}

interface Verdict {
  readonly accepted: boolean;
  readonly words: string;
}

function ofOperator(spec: unknown): Verdict {
  const { violations } = readSpec(spec, 'cluster');
  const words = violations.map(({ setting, message }) => `${setting} ${message}`).join('; ');
  return { accepted: violations.length === 0, words };
}

describeUnless(kube.missing, 'a spec', () => {
  let connection: KubeConnection;

  /** Asks the API server to judge, as kubectl does by default: unknown fields count. Nothing is kept. */
  const create = (spec: unknown, name = 'judged'): Promise<KubeAnswer<{ message?: string; spec?: unknown }>> =>
    ask(connection, {
      method: 'POST',
      path: `${collection}?dryRun=All&fieldValidation=Strict`,
      body: { ...bundlerConfigKind, metadata: { name }, spec },
    });

  async function ofApiServer(spec: unknown): Promise<Verdict> {
    const { status, body } = await create(spec);
    if (![201, 400, 422].includes(status)) throw new Error(`HTTP ${status}: ${body.message}`);
    return { accepted: status === 201, words: body.message ?? '' };
  }

  beforeAll(async () => {
    connection = await kube.shared();
    const { metadata } = bundlerConfigCrd;
    const applied = await ask(connection, {
      method: 'PATCH',
      path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${metadata.name}?fieldManager=tests&force=true`,
      contentType: 'application/apply-patch+yaml',
      body: bundlerConfigCrd,
    });
    if (applied.status >= 300) throw new Error(applied.body.message);
    await until(async () => (await create(minimalSpec)).status !== 404, 30_000);
  }, 120_000);

  it.each(specCases.map((given) => [titleOf(given), given] as const))(
    '%s, says the API server and the operator',
    async (_, given) => {
      const spec = specWith(given.values);
      const [operator, apiServer] = [ofOperator(spec), await ofApiServer(spec)];
      expect(operator.accepted).toBe(given.refused === undefined || given.unknownField === true);
      expect(apiServer.accepted).toBe(given.refused === undefined);
      for (const { accepted, words } of [operator, apiServer]) if (!accepted) expect(words).toContain(given.refused);
    },
  );

  it('comes back from the API server with the defaults that the operator puts in', async () => {
    const { body } = await create(minimalSpec);
    expect(readSpec(body.spec, 'cluster')).toEqual(readSpec(minimalSpec, 'cluster'));
    expect(body.spec).toMatchObject({
      database: { pool: { max: 50, acquireTimeout: '10s' } },
      workers: { plan: { concurrency: 5 } },
    });
  });

  it('that breaks the connection budget is refused with the same numbers by both', async () => {
    const spec = specWith({ 'database.pool.max': 80, 'workers.post.scaling.mode': 'Fixed' });
    const [violation] = readSpec(spec, 'cluster').violations;
    expect(violation?.message).toMatch(/^leaves 490 connections \(10 are reserved\), but the pods could hold \d+: /);
    expect((await ofApiServer(spec)).words).toContain(violation?.message);
  });

  it('that breaks the budget of the payment database is refused with the same numbers by both', async () => {
    const payment = { enabled: true, secretRef: { name: 'payment' }, database: { maxConnections: 50 } };
    const spec = specWith({ payment });
    const [violation] = readSpec(spec, 'cluster').violations;
    expect(violation?.message).toMatch(/^is 50, but the pods could hold 62: payment 3 x 20, /);
    expect((await ofApiServer(spec)).words).toContain(violation?.message);
  });

  it('has the connection budget that the operator works out, whatever its numbers', async () => {
    const random = seededRandom(4);
    const counts = [1, 2, 3, 4, 5, 8, 9, 16, 17, 40, 100];
    const verdicts = { accepted: 0, refused: 0 };
    for (let round = 0; round < 40; round++) {
      const perQueue = queueNames.slice(0, 6).flatMap((queue) => [
        [`workers.${queue}.concurrency`, pick(random, counts)],
        [`workers.${queue}.replicas`, pick(random, counts)],
        [`workers.${queue}.scaling.mode`, pick(random, ['Queue', 'Fixed'])],
        [`workers.${queue}.scaling.maxReplicas`, pick(random, counts)],
        [`workers.${queue}.resources.limits.memory`, '8Gi'],
      ]);
      const spec = specWith({
        ...Object.fromEntries(perQueue),
        'workers.layout': pick(random, ['PerQueue', 'PerQueue', 'Combined']),
        'workers.instances': pick(random, counts),
        'workers.resources.limits.memory': '64Gi',
        'upload.autoscaling.mode': pick(random, ['CPU', 'Fixed']),
        'upload.replicas': pick(random, counts),
        'upload.autoscaling.minReplicas': 1,
        'upload.autoscaling.maxReplicas': pick(random, counts),
        'database.pool.max': pick(random, [5, 7, 20, 50]),
      });
      // Exactly enough, and one too few.
      const needed = connectionBudget(readSpec(spec).config).possible;
      const fits = pick(random, [true, false]);
      const judged = withValueAt(spec, 'database.maxConnections', needed + 10 - (fits ? 0 : 1));
      expect(ofOperator(judged)).toMatchObject({ accepted: fits });
      expect(await ofApiServer(judged)).toMatchObject({ accepted: fits });
      verdicts[fits ? 'accepted' : 'refused'] += 1;
    }
    expect(Math.min(verdicts.accepted, verdicts.refused)).toBeGreaterThan(5);
  }, 30_000);

  it.each(['Upper', 'a'.repeat(31), 'dots.in.it'])('cannot be called %s', async (name) => {
    const { status, body } = await create(minimalSpec, name);
    expect({ status, message: body.message }).toMatchObject({
      status: 422,
      message: expect.stringContaining('metadata.name'),
    });
  });
});
