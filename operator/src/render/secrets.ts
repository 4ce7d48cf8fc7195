import { hashOf } from './hash.ts';
import type { Labels, PodSpec } from './manifest.ts';

const DIGEST = 'bundler.permaweb.dev/secret-digest';
/** The part of an annotation's name after the slash has at most 63 characters, a Secret's name 253. */
const MAX_NAME = 63 - 'secret-digest.'.length;

/**
 * One annotation for each Secret that a pod uses and whose digest is known: when the contents of a Secret change, exactly
 * the pods that use it are replaced.
 */
export function secretDigests(pod: PodSpec, digests: Readonly<Record<string, string>>): Labels {
  const known = secretsOf(pod).filter((name) => digests[name] !== undefined);
  return Object.fromEntries(known.map((name) => [`${DIGEST}.${short(name)}`, digests[name] ?? '']));
}

const short = (name: string): string =>
  name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME - 17)}-${hashOf(name)}`;

/** The fields of a pod that name a Secret, and the one in them that holds the name (Kubernetes API reference, PodSpec). */
const REFERENCES: Readonly<Record<string, string>> = {
  secretKeyRef: 'name',
  secretRef: 'name',
  secret: 'secretName',
};

/** Every Secret that a pod's variables and volumes name, wherever in it they stand, sorted. */
function secretsOf(pod: PodSpec): string[] {
  const { containers, volumes = [] } = pod;
  return [...new Set([...containers, ...volumes].flatMap(namesIn))].toSorted();
}

function namesIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(namesIn);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([field, value]) => [...nameOf(field, value), ...namesIn(value)]);
}

function nameOf(field: string, value: unknown): string[] {
  const holder = REFERENCES[field];
  if (holder === undefined || typeof value !== 'object' || value === null) return [];
  const reference = value as Readonly<Record<string, unknown>>;
  // In a projected volume the field `secret` holds `name`, in a plain one `secretName`.
  const name = reference[holder] ?? reference.name;
  return typeof name === 'string' ? [name] : [];
}
