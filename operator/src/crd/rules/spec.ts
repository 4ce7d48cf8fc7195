import { envName, queueNames, queues, settings } from '@bundler/contract';
import { fieldPath, reader, textList } from '../paths.ts';
import type { CelRule } from './define.ts';

const { value, duration, queueNamed } = reader('self');
// As numbers, because the API server takes what might be anything for something long that is costly to compare.
const [least, most] = [`int(${queueNamed('n')}.scaling.minReplicas)`, `int(${queueNamed('n')}.scaling.maxReplicas)`];

/** The rules that hold wherever a spec is run, by the name that they have in the contract. */
export const specRules: Readonly<Record<string, readonly CelRule[]>> = {
  boardNeedsAdmin: [
    { rule: `!${value('boardEnabled')} || ${value('adminEnabled')}`, fieldPath: fieldPath('boardEnabled') },
  ],
  imageReference: [
    {
      rule: `(${value('imageRepository')} != '') == (${value('imageTag')} != '' || ${value('imageDigest')} != '')`,
      fieldPath: fieldPath('imageRepository'),
    },
  ],
  podEnvironment: [podEnvironment()],
  replicaBounds: [
    {
      rule: `${value('uploadMinReplicas')} <= ${value('uploadMaxReplicas')}`,
      fieldPath: fieldPath('uploadMinReplicas'),
    },
    {
      rule: `${textList(queueNames)}.all(n, ${least} <= ${most})`,
      messageExpression: `'workers.%s.scaling.minReplicas must not exceed maxReplicas'.format([${textList(queueNames)}.filter(n, ${least} > ${most})[0]])`,
    },
  ],
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

/** One rule for all three lists, because the names of all settings stand in it; those that each queue has, as a pattern. */
function podEnvironment(): CelRule {
  const ofQueues = `^(${queueNames.map(envName).join('|')})_WORKER_(CONCURRENCY|PAUSED)$`;
  const names = Object.values(settings)
    .map(({ env }) => env)
    .filter((env) => !new RegExp(ofQueues).test(env));
  const given = (['podEnv', 'uploadPodEnv', 'workersPodEnv'] as const).map((list) => `${value(list)}.map(v, v.name)`);
  return { rule: `(${given.join(' + ')}).all(name, !(name in ${textList(names)} || name.matches('${ofQueues}')))` };
}

function singleton(queue: (typeof queueNames)[number]): CelRule {
  const ones = [`${queue}Concurrency`, `${queue}Replicas`, `${queue}MinReplicas`, `${queue}MaxReplicas`] as const;
  return { rule: ones.map((name) => `${value(name)} == 1`).join(' && '), fieldPath: `.workers.${queue}` };
}
