import type { SpecKind } from '../../settings/kinds.ts';

/**
 * How a change takes effect: `live` values reach running processes, `restart` ones start new processes, and `cluster`
 * ones change only what stands around the processes (replica counts, policies, services).
 */
export type Applies = 'live' | 'restart' | 'cluster';

/** A leaf of `BundlerConfig.spec`. A setting is a field that has an environment variable too. */
export interface Field<Value = unknown, Path extends string | null = string> {
  /** Path in `BundlerConfig.spec`. */
  readonly path: Path;
  readonly kind: SpecKind<Value>;
  /** What applies when the spec says nothing; undefined means the field is required. */
  readonly default: Value | undefined;
  /** One or two sentences: what it does, and what to mind when changing it. */
  readonly doc: string;
  readonly applies: Applies;
}

interface FieldInput<Value, Path extends string> {
  path: Path;
  kind: SpecKind<Value>;
  default: Value;
  doc: string;
  applies?: Applies;
}

/** Declares a field that only a cluster knows: no process reads it from its environment. */
export function field<Value, Path extends string>(input: FieldInput<Value, Path>): Field<Value, Path> {
  return { applies: 'cluster', ...input };
}
