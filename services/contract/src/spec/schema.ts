import { type TSchema, Type } from 'typebox';
import type { Field } from './fields/index.ts';
import { isField, type SpecTree, specTree } from './tree.ts';

/**
 * JSON schema of `BundlerConfig.spec`: an object tree drawn by the fields' paths, each leaf with its default and doc.
 * Every field is optional. It says nothing about unknown fields, because a structural schema of Kubernetes may not;
 * the API server prunes them, and `readSpec` names them.
 */
export const specSchema: TSchema = objectSchema(specTree);

function objectSchema(tree: SpecTree): TSchema {
  const properties = Object.entries(tree).map(([name, node]) => [
    name,
    Type.Optional(isField(node) ? leafSchema(node) : objectSchema(node)),
  ]);
  return Type.Object(Object.fromEntries(properties));
}

function leafSchema(field: Field): TSchema {
  return {
    ...field.kind.specSchema,
    description: field.doc,
    ...(field.default === undefined ? {} : { default: field.kind.toSpec(field.default) }),
  };
}
