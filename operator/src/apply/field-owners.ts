import type { FieldSet, ManagedFields } from '../kube/objects.ts';

/**
 * Who last wrote the fields in which an object differs from what it should be, as the API server noted it.
 *
 * @param paths dotted, with list entries as `[name]`, such as `spec.template.spec.containers[upload].image`
 * @param ours the field managers that are ourselves
 * @returns the managers, the latest first; empty when none of them is noted, which is so for a field that was removed
 */
export function writersOf(
  paths: readonly string[],
  managedFields: readonly ManagedFields[],
  ours: readonly string[],
): string[] {
  const theirs = managedFields.filter(({ manager }) => !ours.includes(manager));
  const writers = theirs.filter(({ fieldsV1 }) => paths.some((path) => covers(fieldsV1 ?? {}, stepsOf(path))));
  const latestFirst = writers.toSorted((a, b) => (b.time ?? '').localeCompare(a.time ?? ''));
  return [...new Set(latestFirst.map(({ manager }) => manager))];
}

/** `a.b[c]` as `a`, `b`, `[c]`; keys of labels and annotations keep their dots, so the rest is matched greedily. */
function stepsOf(path: string): string[] {
  return path.split(/(?=\[)|\.(?![^[]*\])/).filter((step) => step !== '');
}

/** Whether a set of fields reaches into a path: it has a leaf on the way, or the path ends inside it. */
function covers(fields: FieldSet, steps: readonly string[]): boolean {
  if (steps.length === 0) return true;
  const inner = Object.entries(fields).filter(([key]) => key !== '.');
  if (inner.length === 0) return true;
  return inner.some(([key, below]) => {
    const taken = stepsTaken(key, steps);
    return taken > 0 && covers(below, steps.slice(taken));
  });
}

/** How many steps a key of a field set stands for; 0 when it leads elsewhere. */
function stepsTaken(key: string, steps: readonly string[]): number {
  const [kind, ...rest] = key.split(':');
  const name = rest.join(':');
  if (kind === 'k') return nameOfEntry(name) === steps[0] ? 1 : 0;
  // A key with dots, such as a label, was split at them.
  for (let taken = 1; taken <= steps.length; taken += 1) {
    if (steps.slice(0, taken).join('.') === name) return taken;
  }
  return 0;
}

function nameOfEntry(json: string): string {
  try {
    return `[${(JSON.parse(json) as { name?: string }).name}]`;
  } catch {
    return '';
  }
}
