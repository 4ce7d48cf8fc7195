import { textList } from '../paths.ts';
import type { Validation } from '../rules/index.ts';
import type { JsonSchema } from './json-schema.ts';

type Leaf = { readonly path: string; readonly rule: string; readonly message: string };

/** From how many equal validations on one is said once: most of the schema's size would be the pods' resources. */
const REPEATED = 8;

/**
 * Takes validations that many leaves have in common off these leaves and says each once, for all of them, at the root.
 *
 * @returns the schema without them, and what to add to the root's validations
 */
export function hoistRepeated(schema: JsonSchema): { schema: JsonSchema; validations: Validation[] } {
  const groups = Map.groupBy(leavesOf(schema, ''), ({ rule, message }) => `${rule}\n${message}`);
  const repeated = [...groups.values()].filter((group) => group.length >= REPEATED);
  const rules = new Set(repeated.flatMap(([first]) => first?.rule ?? []));
  return { schema: without(schema, rules), validations: repeated.map(together) };
}

function leavesOf(schema: JsonSchema, path: string): Leaf[] {
  const own = validationsOf(schema).map(({ rule, message = '' }) => ({ path, rule, message }));
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => leavesOf(child, `${path}.${name}`));
  return [...own, ...inner];
}

function together(group: readonly Leaf[]): Validation {
  const [{ rule, message } = { rule: 'true', message: '' }] = group;
  const fields = fieldsOf(group.map(({ path }) => path));
  return {
    rule: `${fields}.all(field, ${rule.replaceAll(/\bself\b/g, 'field')})`,
    message: `${commonEnd(group.map(({ path }) => path.split('.')))} ${message}`,
  };
}

/**
 * The list of all these fields. Those that stand at the same place in many objects side by side, as in those of the queues,
 * are looked up by the names of the objects: that is half as long.
 */
function fieldsOf(paths: readonly string[]): string {
  const families = [...Map.groupBy(paths, familyOf).entries()].filter(([, members]) => members.length >= REPEATED);
  const related = new Set(families.flatMap(([, members]) => members));
  const single = paths.filter((path) => !related.has(path)).map((path) => `dyn(self${path})`);
  const lists = families.map(([family, members]) => {
    const [parent, rest] = family.split('*');
    return `${textList(members.map((path) => path.split('.')[2]!))}.map(n, dyn(self${parent})[n]${rest})`;
  });
  const all = single.length === 0 ? lists : [`[${single.join(', ')}]`, ...lists];
  return `(${all.join(' + ')})`;
}

/** A path without the name of the object that it leads through below the first: `.workers*.resources.limits.cpu`. */
const familyOf = (path: string): string => path.replace(/^(\.[^.]+)\.[^.]+/, '$1*');

/** The last names that all paths share: `resources.requests.cpu`. */
function commonEnd(paths: readonly (readonly string[])[]): string {
  const [first = []] = paths;
  let length = 0;
  while (length < first.length && paths.every((path) => path.at(-1 - length) === first.at(-1 - length))) length += 1;
  return first.slice(first.length - length).join('.');
}

function without(schema: JsonSchema, rules: ReadonlySet<string>): JsonSchema {
  const { 'x-kubernetes-validations': _, properties, ...rest } = schema;
  const kept = validationsOf(schema).filter(({ rule }) => !rules.has(rule));
  const children = Object.entries(properties ?? {}).map(([name, child]) => [name, without(child, rules)] as const);
  return {
    ...rest,
    ...(kept.length === 0 ? {} : { 'x-kubernetes-validations': kept }),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(children) }),
  };
}

const validationsOf = (schema: JsonSchema): readonly Validation[] =>
  (schema['x-kubernetes-validations'] ?? []) as readonly Validation[];
