import { withValueAt } from './paths.ts';
import { specSettings } from './tree.ts';

/** The spec that spells out every default. Valid for a cluster once it names its S3 bucket. */
export function defaultSpec(): Record<string, unknown> {
  let spec: unknown = {};
  for (const [, { path, kind, default: value }] of specSettings) {
    if (value !== undefined) spec = withValueAt(spec, path, kind.toSpec(value));
  }
  return spec as Record<string, unknown>;
}
