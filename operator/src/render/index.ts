import type { SpecConfig } from '@bundler/contract';
import type { Facts } from './facts.ts';
import type { Manifest } from './manifest.ts';
import { uploadService } from './service.ts';
import { uploadDeployment } from './upload-api.ts';
import { workerDeployments } from './workers.ts';

export type { Facts, PlatformValue } from './facts.ts';
export { hashOf, TEMPLATE_HASH } from './hash.ts';
export type { Deployment, EnvVar, Manifest, Probe, Service } from './manifest.ts';
export { ADMIN_PORT, HTTP_PORT } from './names.ts';

/**
 * The Kubernetes objects that run the platform as a spec says, in the order in which they are applied. Pure: the same
 * input gives the same bytes, on a cluster and on one machine.
 *
 * @param config a spec as `readSpec` of the contract read it, without violations
 */
export function render(config: SpecConfig, facts: Facts): Manifest[] {
  return [uploadService(config, facts), uploadDeployment(config, facts), ...workerDeployments(config, facts)];
}
