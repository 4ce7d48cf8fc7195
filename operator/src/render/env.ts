import { type QueueName, queueNames, type Role, type SpecConfig, settings, settingsOf } from '@bundler/contract';
import type { Facts } from './facts.ts';
import type { EnvVar } from './manifest.ts';

/**
 * The environment of a role's container: every setting of the role that has a place in the spec, spelled out even where
 * it is the default, and those of the others that the platform gives.
 */
export function renderEnv(role: Role, config: SpecConfig, facts: Facts): EnvVar[] {
  return settingsOf(role).flatMap(([name, setting]) => {
    if (setting.path === null) return platformVariable(setting.env, facts);
    return { name: setting.env, value: setting.kind.toEnv(config[name as keyof SpecConfig]) };
  });
}

/** The workers' environment without the concurrency of queues they do not run: tuning one queue restarts no other. */
export function renderWorkerEnv(queues: readonly QueueName[], config: SpecConfig, facts: Facts): EnvVar[] {
  const others = queueNames.filter((queue) => !queues.includes(queue)).map(concurrencyVariable);
  return renderEnv('workers', config, facts).filter(({ name }) => !others.includes(name));
}

function concurrencyVariable(queue: QueueName): string {
  return settings[`${queue}Concurrency`].env;
}

function platformVariable(name: string, facts: Facts): EnvVar[] {
  const given = facts.platform.env[name];
  if (given === undefined) return [];
  return ['value' in given ? { name, value: given.value } : { name, valueFrom: { secretKeyRef: given.secretKeyRef } }];
}
