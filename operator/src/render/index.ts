import { type QueueName, type SpecConfig, workerGroups } from '@bundler/contract';
import { adminDeployments, adminServices } from './admin.ts';
import { disruptionBudgets } from './disruption-budget.ts';
import type { Facts } from './facts.ts';
import { liveConfigMap } from './live.ts';
import type { Manifest } from './manifest.ts';
import { migrationJob } from './migrations.ts';
import { networkPolicies } from './network-policy.ts';
import { paymentDeployment, paymentMigrationJob, paymentService } from './payment.ts';
import { podMonitors } from './pod-monitor.ts';
import { queueAutoscaler, queueCredentials } from './queue-autoscaler.ts';
import { uploadService } from './service.ts';
import { serviceAccount } from './service-account.ts';
import { isUploadAutoscaled, uploadDeployment } from './upload-api.ts';
import { uploadAutoscaler } from './upload-autoscaler.ts';
import { isQueueAutoscaled, workerDeployments } from './workers.ts';

export type { ClusterFacts, Facts, PlatformValue } from './facts.ts';
export { hashOf, TEMPLATE_HASH } from './hash.ts';
export type * from './manifest.ts';
export { ADMIN_PORT, HTTP_PORT, LIVE_KEY, liveName } from './names.ts';

/**
 * The Kubernetes objects that run the platform as a spec says, in the order in which they are applied. Pure: the same
 * input gives the same bytes. On one machine only what its supervisor needs is rendered: files and processes.
 *
 * @param config a spec as `readSpec` of the contract read it, without violations
 */
export function render(config: SpecConfig, facts: Facts): Manifest[] {
  const { paymentEnabled } = config;
  const processes = [
    uploadDeployment(config, facts),
    ...workerDeployments(config, facts),
    ...(paymentEnabled ? [paymentDeployment(config, facts)] : []),
    ...adminDeployments(config, facts),
  ];
  const base = [
    liveConfigMap(config, facts),
    uploadService(config, facts),
    ...(paymentEnabled ? [paymentService(config, facts)] : []),
    ...adminServices(config, facts),
  ];
  if (!facts.cluster) return [...base, ...processes];
  return [
    serviceAccount(config, facts),
    ...networkPolicies(config, facts),
    ...base,
    migrationJob(config, facts),
    ...(paymentEnabled ? [paymentMigrationJob(config, facts)] : []),
    ...processes,
    ...disruptionBudgets(config, facts),
    ...autoscalers(config, facts),
    ...podMonitors(config, facts),
  ];
}

function autoscalers(config: SpecConfig, facts: Facts): Manifest[] {
  const queues = workerGroups(config)
    .flatMap(({ queue }): QueueName[] => (queue === undefined ? [] : [queue]))
    .filter((queue) => isQueueAutoscaled(queue, config, facts));
  return [
    ...(isUploadAutoscaled(config) ? [uploadAutoscaler(config, facts)] : []),
    ...(queues.length > 0 ? queueCredentials(config, facts) : []),
    ...queues.map((queue) => queueAutoscaler(queue, config, facts)),
  ];
}
