export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field without a value, as YAML reads `upload:` with nothing below it. It counts as not written. */
export const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

/** What stands at a dotted path; undefined when a step of it is missing or no object. */
export function valueAt(spec: unknown, path: string): unknown {
  let node = spec;
  for (const field of path.split('.')) {
    if (!isObject(node) || !Object.hasOwn(node, field)) return undefined;
    node = node[field];
  }
  return node ?? undefined;
}

/**
 * A copy of the spec with `value` at a dotted path. Where a step of the path is something else than an object the spec
 * comes back as it was: reading it reports that place.
 */
export function withValueAt(spec: unknown, path: string, value: unknown): unknown {
  if (!isAbsent(spec) && !isObject(spec)) return spec;
  const [field = '', ...rest] = path.split('.');
  const inner = rest.length === 0 ? value : withValueAt(spec?.[field], rest.join('.'), value);
  return { ...spec, [field]: inner };
}
