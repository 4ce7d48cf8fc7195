import { createHash } from 'node:crypto';

/** Annotation of a pod template: the same value means that nothing which needs new pods has changed. */
export const TEMPLATE_HASH = 'bundler.permaweb.dev/template-hash';

/** A short name for a value's JSON. Rendered objects have their keys in a fixed order, so equal ones hash alike. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
