import type { SpecConfig } from '@bundler/contract';
import type { Facts } from './facts.ts';

/** The image that a spec means: its own by digest or tag, else the one that belongs to the operator. */
export function imageOf(
  config: Pick<SpecConfig, 'imageRepository' | 'imageTag' | 'imageDigest'>,
  facts: Pick<Facts, 'image'>,
): string {
  const { imageRepository: repository, imageTag: tag, imageDigest: digest } = config;
  if (repository === '') return facts.image;
  return digest === '' ? `${repository}:${tag}` : `${repository}@${digest}`;
}
