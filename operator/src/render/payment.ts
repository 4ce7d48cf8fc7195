import type { SpecConfig } from '@bundler/contract';
import { deployment } from './deployment.ts';
import { renderEnv } from './env.ts';
import type { Facts } from './facts.ts';
import type { Deployment, Job, Service } from './manifest.ts';
import { schemaJob } from './migrations.ts';
import { HTTP_PORT, PAYMENT_COMPONENT, paymentName } from './names.ts';
import { nodeCommand } from './node-command.ts';
import { podAdditions } from './pod-additions.ts';
import { containerResources } from './resources.ts';
import { clusterService } from './service.ts';
import { evenSpread } from './spread.ts';

/** The payment service's processes. */
export function paymentDeployment(config: SpecConfig, facts: Facts): Deployment {
  const additions = podAdditions(undefined, config);
  const running = {
    name: paymentName(facts.name),
    replicas: config.paymentReplicas,
    singleton: false,
    ports: [{ name: HTTP_PORT, containerPort: config.paymentPort }],
  };
  const program = {
    component: PAYMENT_COMPONENT,
    command: nodeCommand(config, 'services/payment/src/main.ts'),
    env: renderEnv('payment', config, facts),
    resources: containerResources('payment', config),
    additions,
    pod: { topologySpreadConstraints: evenSpread(facts.name, PAYMENT_COMPONENT) },
  };
  return deployment(running, program, config, facts);
}

/** Its address inside the cluster, for clients and for the other programs. */
export function paymentService(config: SpecConfig, facts: Facts): Service {
  return clusterService(paymentName(facts.name), PAYMENT_COMPONENT, config.paymentPort, facts);
}

/** The Job that brings its own database up to date. */
export function paymentMigrationJob(config: SpecConfig, facts: Facts): Job {
  return schemaJob('payment', 'services/payment/src/migrate.ts', 'paymentMigrations', config, facts);
}
