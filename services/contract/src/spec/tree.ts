import { type Config, type Setting, type SpecSettingName, settings } from '../settings/index.ts';
import { type ClusterConfig, type ClusterFieldName, clusterFields, type Field } from './fields/index.ts';
import { withValueAt } from './paths.ts';

/** A setting that has a place in the spec. */
export type SpecSetting = Setting<unknown, string>;

/** Every setting with a place in `BundlerConfig.spec`, in the order of declaration. */
export const specSettings = Object.entries(settings).filter(([, setting]) => setting.path !== null) as [
  SpecSettingName,
  SpecSetting,
][];

export type SpecFieldName = SpecSettingName | ClusterFieldName;

/** The values of all fields that a spec can hold, by the name of the field. */
export type SpecConfig = Pick<Config, SpecSettingName> & ClusterConfig;

/** Every leaf of the spec: the settings, then what only a cluster knows. */
export const specFields: readonly (readonly [SpecFieldName, Field])[] = [
  ...specSettings,
  ...(Object.entries(clusterFields) as [ClusterFieldName, Field][]),
];

/** A spec is a tree: inner nodes are objects, leaves are fields. */
export interface SpecTree {
  readonly [name: string]: SpecTree | Field;
}

export const isField = (node: SpecTree | Field): node is Field => typeof node.path === 'string';

/** The fields as the tree that their paths draw. */
export const specTree = plantTree();

function plantTree(): SpecTree {
  let tree: unknown = {};
  for (const [, field] of specFields) tree = withValueAt(tree, field.path, field);
  return tree as SpecTree;
}

/** How messages name a field to someone who edits a spec. */
export function placeOf(field: Field): string {
  return 'env' in field ? `spec.${field.path} (${field.env})` : `spec.${field.path}`;
}
