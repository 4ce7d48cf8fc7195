import { readSpec, type SpecConfig, type Violation, valueAt } from '@bundler/contract';
import type { Owner } from '../apply/ownership.ts';
import { ADOPT_ANNOTATION } from '../apply/ownership.ts';
import { annotation, DRY_RUN_ANNOTATION, isOn, RETRY_ANNOTATION, type StoredConfig } from './bundler-config.ts';

/** What a BundlerConfig asks for, read once. */
export interface Inputs {
  readonly owner: Owner;
  readonly generation: number;
  readonly config: SpecConfig;
  readonly violations: readonly Violation[];
  readonly suspended: boolean;
  readonly dryRun: boolean;
  readonly retry: string;
  /** Objects of others that are in the way may be taken over. */
  readonly adopt: boolean;
}

/** @param image of the platform, that the operator brings for specs that name none; empty for none */
export function inputsOf(object: StoredConfig, image: string): Inputs {
  const { name, namespace = '', uid, generation = 0 } = object.metadata;
  const { config, violations } = readSpec(object.spec, 'cluster');
  return {
    owner: { name, namespace, uid },
    generation,
    config,
    violations: config.imageRepository === '' && image === '' ? [...violations, noImage] : violations,
    // Also when the rest of the spec cannot be used: whoever stops the operator wants it to stop.
    suspended: valueAt(object.spec, 'suspend') === true,
    dryRun: isOn(object, DRY_RUN_ANNOTATION),
    retry: annotation(object, RETRY_ANNOTATION),
    adopt: isOn(object, ADOPT_ANNOTATION),
  };
}

const noImage: Violation = {
  setting: 'spec.image.repository',
  message: 'is empty, and this operator brings no image of its own (PLATFORM_IMAGE); name one',
};
