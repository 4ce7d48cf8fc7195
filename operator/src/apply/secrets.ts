import { createHash } from 'node:crypto';
import type { KubeObject } from '../kube/objects.ts';

/** One place in a pod that names a Secret. */
export interface SecretReference {
  readonly name: string;
  /** undefined where the Secret is taken as a whole. */
  readonly key: string | undefined;
  /** Pods start without it. */
  readonly optional: boolean;
}

/** A Secret of v1; values are base64. */
export interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * What the pods of these manifests need of Secrets. Registry credentials are not among it: nodes that have the image need
 * none.
 */
export function secretReferences(manifests: readonly KubeObject[]): SecretReference[] {
  return manifests.flatMap((manifest) => referencesIn('', manifest));
}

function referencesIn(field: string, value: unknown): SecretReference[] {
  if (Array.isArray(value)) return value.flatMap((entry) => referencesIn(field, entry));
  if (typeof value !== 'object' || value === null) return [];
  const part = value as Part;
  const inner = Object.entries(part).flatMap(([name, below]) => referencesIn(name, below));
  return [...(referenceTypes[field]?.(part) ?? []), ...inner];
}

interface Part {
  readonly name?: string;
  readonly key?: string;
  readonly secretName?: string;
  readonly items?: readonly { readonly key: string }[];
  readonly optional?: boolean;
}

/** The fields of a pod that name a Secret (Kubernetes API reference, PodSpec). */
const referenceTypes: Readonly<Record<string, (part: Part) => SecretReference[]>> = {
  secretKeyRef: ({ name = '', key, optional = false }) => [{ name, key, optional }],
  secretRef: ({ name = '', optional = false }) => [{ name, key: undefined, optional }],
  // A projected volume says `name`, a plain one `secretName`.
  secret: ({ secretName, name = '', items, optional = false }) =>
    (items ?? [{ key: undefined }]).map(({ key }) => ({ name: secretName ?? name, key, optional })),
};

/** What is required and does not exist: `secret`, or `secret/key`. */
export function missingSecrets(
  references: readonly SecretReference[],
  secrets: ReadonlyMap<string, Secret | undefined>,
): string[] {
  const missing = references.flatMap(({ name, key, optional }) => {
    const secret = secrets.get(name);
    if (optional || (secret && (key === undefined || secret.data?.[key] !== undefined))) return [];
    return secret ? `${name}/${key}` : name;
  });
  return [...new Set(missing)];
}

/**
 * A digest for each Secret that exists, of the values that pods use of it: it moves when one of them does, and tells
 * nothing about them.
 */
export function secretDigests(
  references: readonly SecretReference[],
  secrets: ReadonlyMap<string, Secret | undefined>,
): Record<string, string> {
  return Object.fromEntries(
    [...secrets].flatMap(([name, secret]) => {
      if (!secret) return [];
      const keys = references.filter((reference) => reference.name === name).map(({ key }) => key);
      return [[name, digestOf(keys, secret)]];
    }),
  );
}

function digestOf(keys: readonly (string | undefined)[], { data = {} }: Secret): string {
  const used = keys.includes(undefined) ? Object.keys(data) : keys;
  const values = [...new Set(used)].toSorted().map((key) => [key, data[key ?? '']]);
  return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 16);
}
