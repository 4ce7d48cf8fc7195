import { clusterRules, rules, specFields, specRules } from '@bundler/contract';
import { bundlerConfigCrd } from './index.ts';
import { clusterRules as celOfCluster } from './rules/cluster.ts';
import { settingRules as celOfSettings } from './rules/settings.ts';
import { specRules as celOfSpec } from './rules/spec.ts';
import type { JsonSchema } from './schema/json-schema.ts';

const { spec, status } = bundlerConfigCrd.spec.versions[0]!.schema.openAPIV3Schema.properties as unknown as Record<
  'spec' | 'status',
  JsonSchema
>;

function at(schema: JsonSchema | undefined, path: string): JsonSchema | undefined {
  return path.split('.').reduce((node, name) => node?.properties?.[name], schema);
}

function inner(schema: JsonSchema): JsonSchema[] {
  const children = Object.values(schema.properties ?? {}).filter(({ properties }) => properties !== undefined);
  return children.flatMap((child) => [child, ...inner(child)]);
}

describe('the CRD', () => {
  it('has each rule of the contract, and no rule that the contract has not', () => {
    const names = (declared: readonly { readonly name: string }[]) => declared.map(({ name }) => name).toSorted();
    expect(Object.keys(celOfSettings).toSorted()).toEqual(names(rules));
    expect(Object.keys(celOfSpec).toSorted()).toEqual(names(specRules));
    expect(Object.keys(celOfCluster).toSorted()).toEqual(names(clusterRules));
  });

  it('describes every field, with its default', () => {
    for (const [, { path, kind, default: value }] of specFields) {
      const leaf = at(spec, path);
      expect({ path, default: leaf?.default }).toEqual({
        path,
        default: value === undefined ? value : kind.toSpec(value),
      });
      expect(leaf?.description).toMatch(/\w/);
    }
  });

  it('gives every object a default, or the defaults inside would not apply, and rules to none but the root', () => {
    for (const object of inner(spec)) {
      expect(object.default).toEqual({});
      expect(object).not.toHaveProperty('x-kubernetes-validations');
    }
  });

  it('points its rules at fields that there are', () => {
    const validations = spec['x-kubernetes-validations'] as readonly { readonly fieldPath?: string }[];
    for (const { fieldPath } of validations.filter((validation) => validation.fieldPath !== undefined)) {
      expect({ fieldPath, found: at(spec, fieldPath!.slice(1)) !== undefined }).toEqual({ fieldPath, found: true });
    }
  });

  it('keeps conditions apart by type, as kubectl wait and other managers expect', () => {
    expect(at(status, 'conditions')).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    });
  });

  // Charts and the operator apply on the server, where no annotation keeps a copy; etcd takes fifteen times as much.
  it('has room for more settings: it must stay under 120 kB, of which etcd and every watch keep copies', () => {
    expect(Buffer.byteLength(JSON.stringify(bundlerConfigCrd))).toBeLessThan(120_000);
  });
});
