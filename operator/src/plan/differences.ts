/** One value that differs. Lists whose entries have names are compared by name, as Kubernetes merges them. */
export interface Difference {
  /** Such as `spec.template.spec.containers[upload].env[LOG_LEVEL].value`. */
  readonly path: string;
  /** undefined where there was, or will be, nothing. */
  readonly from: unknown;
  readonly to: unknown;
}

/** Every leaf in which two JSON values differ, in the order of their fields. */
export function differences(from: unknown, to: unknown, path = ''): Difference[] {
  if (isObject(from) && isObject(to)) return ofFields(from, to, (key) => (path === '' ? key : `${path}.${key}`));
  const [before, after] = [byName(from), byName(to)];
  if (before && after) return ofFields(before, after, (key) => `${path}[${key}]`);
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path, from, to }];
}

type Fields = Readonly<Record<string, unknown>>;

function ofFields(from: Fields, to: Fields, pathOf: (key: string) => string): Difference[] {
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...keys].flatMap((key) => differences(from[key], to[key], pathOf(key)));
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The entries of a list by their names; undefined when it is no list, or one without names. */
function byName(list: unknown): Fields | undefined {
  if (!Array.isArray(list)) return undefined;
  const names = list.map((entry) => (isObject(entry) ? entry.name : undefined));
  const named = names.every((name) => typeof name === 'string') && new Set(names).size === list.length;
  return named ? Object.fromEntries(list.map((entry, index) => [names[index] as string, entry])) : undefined;
}
