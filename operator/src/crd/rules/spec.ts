import { queueNames, queues, settings } from '@bundler/contract';
import { fieldPath, reader } from '../paths.ts';
import type { CelRule } from './define.ts';

const { value, duration } = reader('self');

/** The rules that hold wherever a spec is run, by the name that they have in the contract. */
export const specRules: Readonly<Record<string, readonly CelRule[]>> = {
  absentParts: (['paymentEnabled', 'boardEnabled', 'dashboardsEnabled', 'alertsEnabled'] as const).map((name) => ({
    rule: `!${value(name)}`,
    fieldPath: fieldPath(name),
  })),
  imageReference: [
    {
      rule: `(${value('imageRepository')} != '') == (${value('imageTag')} != '' || ${value('imageDigest')} != '')`,
      fieldPath: fieldPath('imageRepository'),
    },
  ],
  podEnvironment: [podEnvironment()],
  replicaBounds: (['upload', ...queueNames] as const).map((who) => ({
    rule: `${value(`${who}MinReplicas`)} <= ${value(`${who}MaxReplicas`)}`,
    fieldPath: fieldPath(`${who}MinReplicas`),
  })),
  singletons: queueNames.filter((queue) => queues[queue].singleton).map(singleton),
  scheduledQueues: queueNames
    .filter((queue) => queues[queue].scheduled && !queues[queue].singleton)
    .map((queue) => ({
      rule: `${value(`${queue}MinReplicas`)} >= 1`,
      fieldPath: fieldPath(`${queue}MinReplicas`),
    })),
  rolloutDeadline: [
    {
      rule: `${duration('rolloutProgressDeadline')} > ${duration('rolloutMinReady')}`,
      fieldPath: fieldPath('rolloutProgressDeadline'),
    },
  ],
};

/** One rule for all three lists, because the names of all settings stand in it. */
function podEnvironment(): CelRule {
  const names = Object.values(settings).map(({ env }) => `'${env}'`);
  const given = (['podEnv', 'uploadPodEnv', 'workersPodEnv'] as const).map((list) => `${value(list)}.map(v, v.name)`);
  return { rule: `(${given.join(' + ')}).all(name, !(name in [${names.join(', ')}]))` };
}

function singleton(queue: (typeof queueNames)[number]): CelRule {
  const ones = [`${queue}Concurrency`, `${queue}Replicas`, `${queue}MinReplicas`, `${queue}MaxReplicas`] as const;
  return { rule: ones.map((name) => `${value(name)} == 1`).join(' && '), fieldPath: `.workers.${queue}` };
}
