import type { SpecConfig } from '@bundler/contract';
import { deployment } from './deployment.ts';
import { renderEnv } from './env.ts';
import type { Facts } from './facts.ts';
import type { Deployment, Service } from './manifest.ts';
import { ADMIN_COMPONENT, adminName, HTTP_PORT } from './names.ts';
import { podAdditions } from './pod-additions.ts';
import { clusterService } from './service.ts';

/** It answers few people, a page at a time. */
const RESOURCES = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '384Mi' } };

/** The admin service, where the spec wants it: one pod, because nothing depends on it. */
export function adminDeployments(config: SpecConfig, facts: Facts): Deployment[] {
  if (!config.adminEnabled) return [];
  const running = {
    name: adminName(facts.name),
    replicas: 1,
    singleton: true,
    ports: [{ name: HTTP_PORT, containerPort: config.adminServicePort }],
  };
  const program = {
    component: ADMIN_COMPONENT,
    command: ['node', 'services/admin/src/main.ts'],
    env: renderEnv('admin', config, facts),
    resources: RESOURCES,
    additions: podAdditions(undefined, config),
  };
  return [deployment(running, program, config, facts)];
}

/** Its address inside the cluster, by which the API server passes requests on to it. */
export function adminServices(config: SpecConfig, facts: Facts): Service[] {
  if (!config.adminEnabled) return [];
  return [clusterService(adminName(facts.name), ADMIN_COMPONENT, config.adminServicePort, facts)];
}
