import { type Setting, type SpecSettingName, settings } from '../settings/index.ts';
import { withValueAt } from './paths.ts';

/** A setting that has a place in the spec. */
export type SpecSetting = Setting<unknown, string>;

/** Every setting with a place in `BundlerConfig.spec`, in the order of declaration. */
export const specSettings = Object.entries(settings).filter(([, setting]) => setting.path !== null) as [
  SpecSettingName,
  SpecSetting,
][];

/** A spec is a tree: inner nodes are objects, leaves are settings. */
export interface SpecTree {
  readonly [field: string]: SpecTree | SpecSetting;
}

export const isSetting = (node: SpecTree | SpecSetting): node is SpecSetting => typeof node.env === 'string';

/** The settings as the tree that their paths draw. */
export const specTree = plantTree();

function plantTree(): SpecTree {
  let tree: unknown = {};
  for (const [, setting] of specSettings) tree = withValueAt(tree, setting.path, setting);
  return tree as SpecTree;
}
