import type { SpecConfig } from '@bundler/contract';
import { deployment } from './deployment.ts';
import { renderEnv } from './env.ts';
import type { Facts } from './facts.ts';
import type { Deployment } from './manifest.ts';
import { HTTP_PORT, UPLOAD_COMPONENT, uploadName } from './names.ts';
import { nodeCommand } from './node-command.ts';
import { podAdditions } from './pod-additions.ts';
import { containerResources } from './resources.ts';
import { evenSpread } from './spread.ts';

/** The upload API's processes. */
export function uploadDeployment(config: SpecConfig, facts: Facts): Deployment {
  const additions = podAdditions('uploadPod', config);
  const spread = additions.topologySpreadConstraints;
  const running = {
    name: uploadName(facts.name),
    replicas: uploadReplicas(config, facts),
    singleton: false,
    ports: [{ name: HTTP_PORT, containerPort: config.uploadPort }],
  };
  const program = {
    component: UPLOAD_COMPONENT,
    command: nodeCommand(config, 'services/upload/src/main.ts'),
    env: renderEnv('upload', config, facts),
    resources: containerResources('upload', config),
    additions,
    pod: { topologySpreadConstraints: spread.length > 0 ? spread : evenSpread(facts.name, UPLOAD_COMPONENT) },
  };
  return deployment(running, program, config, facts);
}

/** Whether the number of pods is left to a HorizontalPodAutoscaler. */
export function isUploadAutoscaled(config: SpecConfig): boolean {
  return config.uploadScalingMode === 'CPU' && config.uploadMinReplicas < config.uploadMaxReplicas;
}

function uploadReplicas(config: SpecConfig, { cluster }: Facts): number | undefined {
  if (!cluster || config.uploadScalingMode === 'Fixed') return config.uploadReplicas;
  return isUploadAutoscaled(config) ? undefined : config.uploadMinReplicas;
}
