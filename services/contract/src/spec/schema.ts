import { type TSchema, Type } from 'typebox';
import type { Field } from './fields/index.ts';
import { isField, type SpecTree, specTree } from './tree.ts';

/**
 * Structural schema of `BundlerConfig.spec`: an object tree drawn by the fields' paths, each leaf with its default, its
 * bounds and the first sentence of its doc. Every field is optional. It says nothing about unknown fields, because a structural schema may
 * not; the API server prunes them, or refuses them where the client asks for that, and `readSpec` names them.
 */
export const specSchema: TSchema = objectSchema(specTree);

function objectSchema(tree: SpecTree): TSchema {
  const properties = Object.entries(tree).map(([name, node]) => [
    name,
    // An object that is not there would keep the defaults inside it from applying.
    Type.Optional(isField(node) ? leafSchema(node) : { ...objectSchema(node), default: {} }),
  ]);
  return Type.Object(Object.fromEntries(properties));
}

function leafSchema(field: Field): TSchema {
  return {
    ...field.kind.specSchema,
    description: `${firstSentence(field.doc)}${facts(field)}`,
    ...(field.default === undefined ? {} : { default: field.kind.toSpec(field.default) }),
  };
}

/** The CRD has to stay below 100 kB, and grows with every queue; the reference page has the rest. */
function firstSentence(doc: string): string {
  return /^.*?\.(?= |$)/.exec(doc)?.[0] ?? doc;
}

/** What `kubectl explain` would not show otherwise: bounds and default. Values of an enumeration it shows itself. */
function facts({ kind, default: value }: Field): string {
  const isEnumeration = 'enum' in kind.specSchema || kind.name === 'boolean';
  const given = value === undefined ? undefined : kind.toSpec(value);
  const isPlain =
    typeof given === 'number' || typeof given === 'boolean' || (typeof given === 'string' && given !== '');
  const parts = [isEnumeration ? '' : kind.bounds, isPlain ? `default ${given}` : ''].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}
