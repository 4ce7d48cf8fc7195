import { withValueAt } from './paths.ts';
import { specFields } from './tree.ts';

/** The spec that spells out every default. Valid once it names what only its owner knows, such as the bucket. */
export function defaultSpec(): Record<string, unknown> {
  let spec: unknown = {};
  for (const [, { path, kind, default: value }] of specFields) {
    if (value !== undefined) spec = withValueAt(spec, path, kind.toSpec(value));
  }
  return spec as Record<string, unknown>;
}
