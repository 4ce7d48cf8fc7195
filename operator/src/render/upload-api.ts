import type { SpecConfig } from '@bundler/contract';
import { deployment } from './deployment.ts';
import { renderEnv } from './env.ts';
import type { Facts } from './facts.ts';
import type { Deployment } from './manifest.ts';
import { HTTP_PORT, uploadName } from './names.ts';

export const UPLOAD_COMPONENT = 'upload';

/** The upload API's processes. */
export function uploadDeployment(config: SpecConfig, facts: Facts): Deployment {
  const program = {
    name: uploadName(facts.name),
    component: UPLOAD_COMPONENT,
    replicas: config.uploadReplicas,
    command: ['node', 'services/upload/src/main.ts'],
    env: renderEnv('upload', config, facts),
    ports: [{ name: HTTP_PORT, containerPort: config.uploadPort }],
  };
  return deployment(program, config, facts);
}
