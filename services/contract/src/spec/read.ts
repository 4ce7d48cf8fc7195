import { type Config, InvalidValue, rules, settings, type Violation } from '../settings/index.ts';
import type { Field } from './fields/index.ts';
import { isAbsent, isObject, valueAt } from './paths.ts';
import { clusterRules, type SpecRule, specRules } from './rules/index.ts';
import { isField, placeOf, type SpecConfig, type SpecFieldName, type SpecTree, specFields, specTree } from './tree.ts';

export interface SpecReading {
  /** Every field's value: from the spec, else its default; defaults also where the spec's value is wrong. */
  readonly config: SpecConfig;
  /** Empty when the spec may be used. */
  readonly violations: readonly Violation[];
}

/**
 * Reads a `BundlerConfig.spec`. Finds everything that is wrong with it at once: fields that nothing reads, values of
 * the wrong kind or out of bounds, and values that contradict each other.
 *
 * @param place a cluster needs to be told where its backing services are; one machine brings its own. In a cluster the
 *   API server judges the names of fields: one that this version does not know is of a newer CRD, whose defaults it finds
 *   in every spec while the operator is upgraded, or put back.
 */
export function readSpec(spec: unknown, place: 'anywhere' | 'cluster' = 'anywhere'): SpecReading {
  const violations = isAbsent(spec) ? [] : strangers(spec, specTree, 'spec', place);
  const given: Partial<Record<SpecFieldName, unknown>> = {};
  for (const [name, field] of specFields) {
    const value = readValue(field, spec, violations);
    if (value !== undefined) given[name] = value;
  }
  for (const { check } of rules) {
    const violation = check(given as Partial<Config>);
    if (violation) violations.push({ ...violation, setting: placeOfEnv(violation.setting) });
  }
  const defaults = Object.fromEntries(specFields.map(([name, field]) => [name, field.default]));
  const config = Object.freeze({ ...defaults, ...given }) as SpecConfig;
  violations.push(...specRules.flatMap((rule) => judge(rule, config, given)));
  if (place === 'cluster') violations.push(...clusterRules.flatMap((rule) => judge(rule, config, given)));
  return { config, violations };
}

/** A rule's verdict; nothing about fields whose own value is wrong already. */
function judge(rule: SpecRule, config: SpecConfig, given: Partial<Record<SpecFieldName, unknown>>): Violation[] {
  const found = rule.check(config);
  return found
    .filter(({ field, because = [] }) => [field, ...because].every((name) => given[name] !== undefined))
    .map(({ field, message }) => ({ setting: placeOf(fieldNamed(field)), message }));
}

function fieldNamed(name: SpecFieldName): Field {
  const found = specFields.find(([candidate]) => candidate === name);
  if (!found) throw new Error(`no field is called ${name}`);
  return found[1];
}

/** The value in force; undefined, with a violation noted, when the spec's own cannot be used. */
function readValue(field: Field, spec: unknown, violations: Violation[]): unknown {
  const raw = valueAt(spec, field.path);
  if (raw === undefined) {
    if (field.default === undefined) violations.push({ setting: placeOf(field), message: 'is required' });
    return field.default;
  }
  try {
    return field.kind.fromSpec(raw);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    violations.push({ setting: placeOf(field), message: error.message });
    return undefined;
  }
}

/** What stands in the spec at places where no field is. */
function strangers(spec: unknown, tree: SpecTree, path: string, place: 'anywhere' | 'cluster'): Violation[] {
  if (!isObject(spec)) return [{ setting: path, message: `must be an object, but is ${JSON.stringify(spec)}` }];
  return Object.entries(spec).flatMap(([name, value]) => {
    const node = Object.hasOwn(tree, name) ? tree[name] : undefined;
    if (node === undefined) {
      if (place === 'cluster') return [];
      return { setting: `${path}.${name}`, message: `is not known; here can stand ${Object.keys(tree).join(', ')}` };
    }
    return isField(node) || isAbsent(value) ? [] : strangers(value, node, `${path}.${name}`, place);
  });
}

function placeOfEnv(env: string): string {
  const setting = Object.values(settings).find((candidate) => candidate.env === env);
  return setting && setting.path !== null ? placeOf(setting as Field) : env;
}
