import { bundlerConfigCrd, connectionBudgetPolicies } from '../../crd/index.ts';
import { errorFrom } from '../../kube/errors.ts';
import type { KubeApi, KubeObject } from '../../kube/index.ts';
import { resources } from '../../kube/resources.ts';
import type { Check } from './check.ts';
import { examineCrd, schemaCheck } from './crd.ts';
import { examineKeda } from './keda.ts';
import { examinePolicies } from './policies.ts';

const about = (checks: readonly Check[]): string[] => checks.map(({ level, message }) => `${level} ${message}`);

/** A cluster that has these objects and serves these types. */
function cluster(objects: readonly KubeObject[], served: readonly string[] = []): Pick<KubeApi, 'get' | 'serves'> {
  const api = {
    serves: async ({ plural }: { plural: string }) => served.includes(plural),
    get: async ({ type, name }: { type: { kind: string }; name: string }) => {
      const found = objects.find((object) => object.kind === type.kind && object.metadata.name === name);
      if (!found)
        throw errorFrom(
          `GET ${name}`,
          404,
          JSON.stringify({ kind: 'Status', message: 'none', details: { name } }),
          undefined,
        );
      return found;
    },
  };
  return api as never;
}

type Fields = Record<string, unknown>;

function crdWith(change: (spec: Fields) => void = () => undefined) {
  const copy = structuredClone(JSON.parse(JSON.stringify(bundlerConfigCrd)) as typeof bundlerConfigCrd);
  change(copy.spec.versions[0]!.schema.openAPIV3Schema.properties.spec.properties as Fields);
  return copy;
}

describe('what the doctor says of the CRD', () => {
  it("is that it is there and this plugin's, or that it is not there", async () => {
    const plural = resources.bundlerConfigs.plural;
    expect(about(await examineCrd(cluster([crdWith()], [plural])))).toEqual([
      'ok bundler.permaweb.dev/v1alpha1 is served',
      "ok its schema is this plugin's",
    ]);
    expect(about(await examineCrd(cluster([])))).toEqual([expect.stringMatching(/^fail .* is not served/)]);
  });

  it('is which fields only one of the two has, and else that the rest differs', () => {
    const other = crdWith((fields) => {
      delete fields.upload;
      fields.oldField = { type: 'string' };
    });
    expect(schemaCheck(other)).toMatchObject({
      level: 'warn',
      message: expect.stringContaining('(it lacks spec.upload; this plugin lacks spec.oldField)'),
    });
    const stricter = crdWith((fields) => Object.assign(fields.suspend as object, { default: true }));
    expect(schemaCheck(stricter).message).toContain('the same fields with other rules or defaults');
  });
});

describe('what the doctor says of the admission policies', () => {
  const policies = connectionBudgetPolicies as readonly KubeObject[];
  const [deny, denied, warn, warned] = policies as [KubeObject, KubeObject, KubeObject, KubeObject];

  it('is that they are there and bound', async () => {
    expect(about(await examinePolicies(cluster(policies)))).toEqual([
      'ok bundlerconfig-connection-budget, bundlerconfig-connection-budget-nearly-full are there and bound',
    ]);
  });

  it('is what is missing, not bound or of another version', async () => {
    const old = {
      ...warn,
      spec: { ...(warn as unknown as { spec: object }).spec, validations: [{ expression: 'true' }] },
    };
    const lax = { ...denied, spec: { policyName: deny.metadata.name, validationActions: ['Audit'] } };
    const said = async (...objects: KubeObject[]) => about(await examinePolicies(cluster(objects)))[0];
    expect(await said(deny, warn, warned)).toMatch(/^warn bundlerconfig-connection-budget is not bound: install/);
    expect(await said(denied, warn, warned)).toMatch(/^warn bundlerconfig-connection-budget does not exist: install/);
    expect(await said(deny, lax, old, warned)).toMatch(
      /budget is bound in another way; .*-full is of another version: /,
    );
  });
});

describe('what the doctor says of KEDA', () => {
  const types = [resources.scaledObjects.plural, resources.triggerAuthentications.plural];
  const scaledObjects = (advanced: object) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'scaledobjects.keda.sh' },
    spec: {
      versions: [
        { name: 'v1alpha1', schema: { openAPIV3Schema: { properties: { spec: { properties: { advanced } } } } } },
      ],
    },
  });
  const said = async (served: readonly string[], advanced: object) =>
    about(await examineKeda(cluster([scaledObjects(advanced)], served)))[0];

  it.each([
    ['is absent', [], {}, /^warn absent: queues run a fixed number/],
    ['cannot log in', types.slice(0, 1), {}, /^fail .* has no TriggerAuthentication/],
    ['is too old for a formula', types, { properties: {} }, /^fail older than 2.12/],
    ['has what is needed', types, { properties: { scalingModifiers: {} } }, /^ok .*ScaledObject and TriggerAuth/],
    ['checks no fields', types, { 'x-kubernetes-preserve-unknown-fields': true }, /^ok /],
  ])('is that it %s', async (_, served, advanced, message) => {
    expect(await said(served, advanced)).toMatch(message);
  });
});
