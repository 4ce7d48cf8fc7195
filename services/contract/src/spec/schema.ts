import { type TSchema, Type } from 'typebox';
import { isSetting, type SpecSetting, type SpecTree, specTree } from './tree.ts';

/**
 * JSON schema of `BundlerConfig.spec`: an object tree drawn by the settings' paths, each leaf with its default and doc.
 * Every field is optional. It says nothing about unknown fields, because a structural schema of Kubernetes may not;
 * the API server prunes them, and `readSpec` names them.
 */
export const specSchema: TSchema = objectSchema(specTree);

function objectSchema(tree: SpecTree): TSchema {
  const properties = Object.entries(tree).map(([field, node]) => [
    field,
    Type.Optional(isSetting(node) ? leafSchema(node) : objectSchema(node)),
  ]);
  return Type.Object(Object.fromEntries(properties));
}

function leafSchema(setting: SpecSetting): TSchema {
  return {
    ...setting.kind.specSchema,
    description: setting.doc,
    ...(setting.default === undefined ? {} : { default: setting.kind.toSpec(setting.default) }),
  };
}
