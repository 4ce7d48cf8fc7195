import { createHash } from 'node:crypto';
import type { KubeObject } from '../kube/objects.ts';

/** The keys that pods need of each Secret, by its name; an empty list where they take it as a whole. */
export type SecretNeeds = ReadonlyMap<string, readonly string[]>;

/** A Secret of v1; values are base64. */
export interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * The Secrets without which the pods of these manifests could not start. Registry credentials are not among them: nodes
 * that have the image need none.
 */
export function secretNeeds(manifests: readonly KubeObject[]): SecretNeeds {
  const needs = new Map<string, Set<string>>();
  const need = (name: unknown, keys: readonly unknown[]): void => {
    const known = needs.get(String(name)) ?? new Set();
    for (const key of keys) known.add(String(key));
    needs.set(String(name), known);
  };
  walk(manifests, (field, value) => {
    if (value.optional === true) return;
    if (field === 'secretKeyRef') need(value.name, [value.key]);
    if (field === 'secretRef') need(value.name, []);
    if (field === 'secret' && 'secretName' in value) need(value.secretName, keysOfItems(value.items));
  });
  return new Map([...needs].map(([name, keys]) => [name, [...keys].sort()]));
}

const keysOfItems = (items: unknown): unknown[] =>
  Array.isArray(items) ? items.map((item: { key?: unknown }) => item.key) : [];

function walk(value: unknown, visit: (field: string, value: Record<string, unknown>) => void, field = ''): void {
  if (Array.isArray(value)) for (const entry of value) walk(entry, visit, field);
  else if (typeof value === 'object' && value !== null) {
    visit(field, value as Record<string, unknown>);
    for (const [name, inner] of Object.entries(value)) walk(inner, visit, name);
  }
}

/** The keys, as `secret/key`, or the whole Secret that is missing. */
export function missingIn(name: string, keys: readonly string[], secret: Secret | undefined): string[] {
  if (!secret) return [name];
  return keys.filter((key) => secret.data?.[key] === undefined).map((key) => `${name}/${key}`);
}

/** Stands for the values that pods use: it moves when one of them does, and tells nothing about them. */
export function secretDigest(keys: readonly string[], secret: Secret): string {
  const { data = {} } = secret;
  const used = (keys.length > 0 ? keys : Object.keys(data).sort()).map((key) => [key, data[key]]);
  return createHash('sha256').update(JSON.stringify(used)).digest('hex').slice(0, 16);
}
