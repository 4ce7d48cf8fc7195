import {
  type Config,
  InvalidValue,
  rules,
  type SettingName,
  type SpecSettingName,
  settings,
  type Violation,
} from '../settings/index.ts';
import { isAbsent, isObject, valueAt } from './paths.ts';
import { isSetting, type SpecSetting, type SpecTree, specSettings, specTree } from './tree.ts';

/** The values of all settings that a spec can hold. */
export type SpecConfig = Pick<Config, SpecSettingName>;

export interface SpecReading {
  /** Every setting's value: from the spec, else its default; defaults also where the spec's value is wrong. */
  readonly config: SpecConfig;
  /** Empty when the spec may be used. */
  readonly violations: readonly Violation[];
}

/**
 * Reads a `BundlerConfig.spec`. Finds everything that is wrong with it at once: fields that nothing reads, values of
 * the wrong kind or out of bounds, and settings that contradict each other.
 */
export function readSpec(spec: unknown): SpecReading {
  const violations = isAbsent(spec) ? [] : strangers(spec, specTree, 'spec');
  const given: Partial<Record<SettingName, unknown>> = {};
  for (const [name, setting] of specSettings) {
    const value = readValue(setting, spec, violations);
    if (value !== undefined) given[name] = value;
  }
  for (const rule of rules) {
    const violation = rule(given as Partial<Config>);
    if (violation) violations.push({ ...violation, setting: placeOfEnv(violation.setting) });
  }
  const defaults = Object.fromEntries(specSettings.map(([name, setting]) => [name, setting.default]));
  return { config: Object.freeze({ ...defaults, ...given }) as SpecConfig, violations };
}

/** The value in force; undefined, with a violation noted, when the spec's own cannot be used. */
function readValue(setting: SpecSetting, spec: unknown, violations: Violation[]): unknown {
  const raw = valueAt(spec, setting.path);
  if (raw === undefined) {
    if (setting.default === undefined) violations.push({ setting: place(setting), message: 'is required' });
    return setting.default;
  }
  try {
    return setting.kind.fromSpec(raw);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    violations.push({ setting: place(setting), message: error.message });
    return undefined;
  }
}

/** What stands in the spec at places where no setting is. */
function strangers(spec: unknown, tree: SpecTree, path: string): Violation[] {
  if (!isObject(spec)) return [{ setting: path, message: `must be an object, but is ${JSON.stringify(spec)}` }];
  return Object.entries(spec).flatMap(([field, value]) => {
    const node = Object.hasOwn(tree, field) ? tree[field] : undefined;
    if (node === undefined) {
      return { setting: `${path}.${field}`, message: `is not known; here can stand ${Object.keys(tree).join(', ')}` };
    }
    return isSetting(node) || isAbsent(value) ? [] : strangers(value, node, `${path}.${field}`);
  });
}

/** How messages name a setting to someone who edits a spec. */
function place(setting: SpecSetting): string {
  return `spec.${setting.path} (${setting.env})`;
}

function placeOfEnv(env: string): string {
  const setting = Object.values(settings).find((candidate) => candidate.env === env);
  return setting?.path ? place(setting as SpecSetting) : env;
}
