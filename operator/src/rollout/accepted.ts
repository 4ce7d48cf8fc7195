import { readSpec, type SpecConfig, type SpecFieldName, specFields, withValueAt } from '@bundler/contract';

/** What a revision holds: everything that decides what runs. */
export interface Accepted {
  /** `BundlerConfig.spec` with every default spelled out. */
  readonly spec: unknown;
  /** The image for a spec that names none. */
  readonly image: string;
}

/** Fields that say how the operator goes about things, and nothing about what runs. */
const aboutTheOperator: readonly SpecFieldName[] = ['suspend', 'deletionPolicy', 'rolloutOnFailure'];

/**
 * A spec in the one form that all specs which mean the same have in common. The operator's own image is part of it: a
 * new operator that brings a new image begins a rollout like any other, which can fail and be taken back.
 */
export function accepted(config: SpecConfig, image: string): Accepted {
  const deciding = specFields.filter(([name]) => !aboutTheOperator.includes(name));
  const spec = deciding.reduce<unknown>((tree, [name, { path, kind }]) => {
    const value = config[name];
    return value === undefined ? tree : withValueAt(tree, path, kind.toSpec(value));
  }, {});
  return { spec, image: config.imageRepository === '' ? image : '' };
}

/** The configuration of a revision; undefined when this version of the operator no longer accepts it. */
export function configOf(data: unknown): { config: SpecConfig; image: string } | undefined {
  const { spec, image } = (data ?? {}) as Partial<Accepted>;
  const { config, violations } = readSpec(spec, 'cluster');
  return violations.length === 0 ? { config, image: image ?? '' } : undefined;
}
