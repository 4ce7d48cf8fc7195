import {
  type QueueName,
  queueNames,
  type Role,
  type SpecConfig,
  settingGroups,
  settings,
  settingsOf,
  workerPoolSize,
} from '@bundler/contract';
import type { Facts, PlatformValue } from './facts.ts';
import type { EnvVar } from './manifest.ts';
import { LIVE_KEY } from './names.ts';
import { referencedEnv } from './references.ts';

/**
 * The environment of a role's container: every setting of the role that has a place in the spec and needs a new process
 * to change, spelled out even where it is the default, and those of the others that the spec implies or the platform
 * gives.
 */
export function renderEnv(role: Role, config: SpecConfig, facts: Facts, implied: Implied = {}): EnvVar[] {
  const { live } = facts.platform.mounts;
  const given: Implied = {
    ...(facts.cluster ? referencedEnv(config, facts.name) : {}),
    ...(live === '' ? {} : { [settings.liveSettingsFile.env]: { value: `${live}/${LIVE_KEY}` } }),
    ...implied,
    ...facts.platform.env,
  };
  return settingsOf(role).flatMap(([name, setting]) => {
    if (TRACING.has(setting.env) && !config.tracingEnabled) return [];
    if (setting.path === null) return variable(setting.env, given[setting.env]);
    if (setting.applies === 'live' && live !== '') return [];
    return { name: setting.env, value: setting.kind.toEnv(config[name as keyof SpecConfig]) };
  });
}

/** What means nothing while nothing is traced: pods that send none are not replaced for it. */
const TRACING = new Set<string>(Object.values(settingGroups.Tracing).map(({ env }) => env));

type Implied = Readonly<Record<string, PlatformValue | undefined>>;

/** What only those need who post to optical bridges. */
const OPTICAL = [settings.opticalBridgeKeys, settings.opticalTimeout, settings.opticalResetTimeout].map(
  ({ env }) => env,
);

/**
 * The workers' environment without what is not about them: tuning one queue restarts no other, and the pool of the upload
 * API only those whose own pool it bounds.
 */
export function renderWorkerEnv(queues: readonly QueueName[], config: SpecConfig, facts: Facts): EnvVar[] {
  const others = queueNames.filter((queue) => !queues.includes(queue)).map((queue) => `workers.${queue}.`);
  const foreign = settingsOf('workers').filter(([, { path }]) => others.some((start) => path?.startsWith(start)));
  const names = new Set(foreign.map(([, { env }]) => env));
  if (!queues.includes('opticalPost')) for (const env of OPTICAL) names.add(env);
  const connections = workerPoolSize(queues, config);
  if (connections < config.databasePoolMax) {
    for (const { env } of [settings.databasePoolMin, settings.databasePoolMax]) names.add(env);
  }
  const pool = { [settings.databaseWorkerPoolMax.env]: { value: String(connections) } };
  return renderEnv('workers', config, facts, pool).filter(({ name }) => !names.has(name));
}

function variable(name: string, given: PlatformValue | undefined): EnvVar[] {
  if (given === undefined) return [];
  return ['value' in given ? { name, value: given.value } : { name, valueFrom: { secretKeyRef: given.secretKeyRef } }];
}
