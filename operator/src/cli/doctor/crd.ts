import { isDeepStrictEqual } from 'node:util';
import { bundlerConfigCrd, bundlerConfigNames } from '../../crd/index.ts';
import { type KubeApi, type KubeObject, resources } from '../../kube/index.ts';
import type { Check } from './check.ts';

/** What is read of a CRD. */
export interface Crd extends KubeObject {
  readonly spec: { readonly versions: readonly { readonly name: string; readonly schema?: unknown }[] };
}

const about = 'CRD';
const served = `${bundlerConfigNames.group}/${bundlerConfigNames.version}`;

/** Whether BundlerConfigs can be stored, and whether they are what this plugin takes them for. */
export async function examineCrd(api: Pick<KubeApi, 'get' | 'serves'>): Promise<Check[]> {
  if (!(await api.serves(resources.bundlerConfigs)))
    return [{ level: 'fail', about, message: `${served} is not served: install the chart bundler-operator` }];
  const found: Check = { level: 'ok', about, message: `${served} is served` };
  const ref = { type: resources.customResourceDefinitions, name: bundlerConfigCrd.metadata.name };
  return [found, schemaCheck(await api.get<Crd>(ref))];
}

/** Whether a CRD's schema is that of this plugin; if not, which fields only one of the two has. */
export function schemaCheck(crd: Crd): Check {
  const ours = bundlerConfigCrd.spec.versions[0]?.schema;
  const theirs = crd.spec.versions.find(({ name }) => name === bundlerConfigNames.version)?.schema;
  if (isDeepStrictEqual(plain(theirs), plain(ours)))
    return { level: 'ok', about, message: "its schema is this plugin's" };
  const [here, there] = [fieldsOf(ours), fieldsOf(theirs)];
  const differences = [
    ...listed(
      'it lacks',
      [...here].filter((field) => !there.has(field)),
    ),
    ...listed(
      'this plugin lacks',
      [...there].filter((field) => !here.has(field)),
    ),
  ];
  const what = differences.length > 0 ? differences.join('; ') : 'the same fields with other rules or defaults';
  const message = `its schema is not this plugin's (${what}): bring the chart bundler-operator and the plugin to one version`;
  return { level: 'warn', about, message };
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

function fieldsOf(schema: unknown): Set<string> {
  const walk = ({ properties = {} }: Schema, path: string): string[] =>
    Object.entries(properties).flatMap(([name, property]) => [`${path}${name}`, ...walk(property, `${path}${name}.`)]);
  return new Set(walk((schema as { openAPIV3Schema?: Schema } | undefined)?.openAPIV3Schema ?? {}, ''));
}

const SHOWN = 3;

function listed(verb: string, fields: readonly string[]): string[] {
  // A field that is missing as a whole needs no list of its parts.
  const whole = fields.filter((field) => !fields.some((other) => field.startsWith(`${other}.`)));
  if (whole.length === 0) return [];
  const more = whole.length > SHOWN ? ` and ${whole.length - SHOWN} more` : '';
  return [`${verb} ${whole.slice(0, SHOWN).join(', ')}${more}`];
}

/** As the API server gives it back: without what is undefined, and without empty descriptions. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? null), (key, part: unknown) =>
    key === 'description' && part === '' ? undefined : part,
  );
