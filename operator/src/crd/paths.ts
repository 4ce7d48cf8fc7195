import { type SpecFieldName, specFields } from '@bundler/contract';

const paths = Object.fromEntries(specFields.map(([name, { path }]) => [name, path])) as Readonly<
  Record<SpecFieldName, string>
>;

/** What stands for the spec in an expression: `self` in the CRD, `object.spec` in a policy. */
export type SpecRoot = 'self' | 'object.spec';

/** How CEL reads fields of a spec, by their kind. All are there: the API server puts in defaults before it asks. */
export function reader(root: SpecRoot) {
  const value = (name: SpecFieldName): string => `${root}.${paths[name]}`;
  return {
    value,
    /**
     * All fields of the queue that a variable names: a rule that is written once for all queues is shorter by far than one
     * for each. What the queues have in common has no type of its own, so their fields are looked up.
     */
    queueNamed: (variable: string): string => `dyn(${root}.workers)[${variable}]`,
    /** A whole number. A policy does not know the schema, and does not add what might be anything. */
    number: (name: SpecFieldName): string => (root === 'self' ? value(name) : `int(${value(name)})`),
    /** A duration; comparable. */
    duration: (name: SpecFieldName): string => `duration(${value(name)})`,
    /** A whole number of bytes. The field holds text or a number. */
    bytes: (name: SpecFieldName): string => `quantity(string(${value(name)})).asInteger()`,
  };
}

/** A list of texts. */
export const textList = (texts: readonly string[]): string => `[${texts.map((text) => `'${text}'`).join(', ')}]`;

/** Where a message of the CRD points to. */
export const fieldPath = (name: SpecFieldName): string => `.${paths[name]}`;
