/**
 * What an object says about the fields that a manifest names, in the manifest's shape. Fields that others added fall
 * away; what the API server wrote differently than asked (a quantity, a default in a list) is as the server wrote it. Two
 * projections of one object that are equal mean that nobody has touched what is ours in between.
 */
export function project(manifest: unknown, live: unknown): unknown {
  if (Array.isArray(manifest) && Array.isArray(live)) return projectList(manifest, live);
  if (!isObject(manifest) || !isObject(live)) return live ?? null;
  return Object.fromEntries(Object.entries(manifest).map(([key, wanted]) => [key, project(wanted, live[key])]));
}

/** Entries with names are found by them, wherever others put theirs; any other list is ours as a whole. */
function projectList(manifest: readonly unknown[], live: readonly unknown[]): unknown {
  if (!manifest.every(isNamed)) return live;
  return manifest.map((wanted) => {
    const found = live.find((entry) => isNamed(entry) && entry.name === wanted.name);
    return found === undefined ? null : project(wanted, found);
  });
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNamed = (value: unknown): value is Fields & { name: string } =>
  isObject(value) && typeof value.name === 'string';
