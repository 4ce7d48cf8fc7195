import type { Field } from '../spec/fields/define.ts';
import type { Kind } from './kinds.ts';

/** Who reads a setting: a process of the platform, the renderer that lays the processes out, or the operator itself. */
export type Role =
  | 'upload'
  | 'workers'
  | 'payment'
  | 'paymentMigrations'
  | 'admin'
  | 'migrations'
  | 'renderer'
  | 'operator';

/**
 * One setting, declared once. Its environment variable, its place in `BundlerConfig.spec`, `.env.sample`,
 * the reference page and the loader's checks are all printed from here.
 */
export interface Setting<Value = unknown, Path extends string | null = string | null> extends Field<Value, Path> {
  /** Environment variable. */
  readonly env: string;
  /** Path in `BundlerConfig.spec`; null when the value comes from the platform and not from the spec. */
  readonly path: Path;
  readonly kind: Kind<Value>;
  readonly roles: readonly Role[];
  /** `live` settings reach running processes; a change of the others starts new ones. */
  readonly applies: 'live' | 'restart';
  /** Only ever given by reference, never written into a spec or printed. */
  readonly secret: boolean;
}

interface SettingInput<Value, Path extends string | null> {
  env: string;
  path: Path;
  kind: Kind<Value>;
  default?: Value;
  doc: string;
  roles: readonly Role[];
  applies?: 'live' | 'restart';
  secret?: boolean;
}

/** Declares a setting that has a default. */
export function setting<Value, Path extends string | null>(input: SettingInput<Value, Path>): Setting<Value, Path> {
  return { applies: 'restart', secret: false, ...input, default: input.default };
}
