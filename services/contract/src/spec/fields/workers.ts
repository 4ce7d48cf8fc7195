import { type QueueName, queueNames, queues } from '../../queues/index.ts';
import { duration, integer, text } from '../../settings/kinds.ts';
import { type Field, field } from './define.ts';
import { podTemplateFields } from './pod-template.ts';
import { type ResourceFields, resourceFields } from './resources.ts';

const Mi = 1024 ** 2;

/** How many pods serve a queue. */
export interface ScalingValues {
  readonly scalingMode: 'Queue' | 'Fixed';
  readonly replicas: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly jobsPerReplica: number;
  readonly fallbackReplicas: number;
}

type ScalingFields<Queue extends QueueName> = {
  [Name in keyof ScalingValues as `${Queue}${Capitalize<Name>}`]: Field<ScalingValues[Name]>;
};
type QueueFields = { [Queue in QueueName]: ScalingFields<Queue> & ResourceFields<Queue> }[QueueName];
type All<Union> = (Union extends unknown ? (member: Union) => void : never) extends (all: infer Whole) => void
  ? Whole
  : never;

/** How one queue's pods run in a cluster with one Deployment a queue. The first sentences are short: each is in the CRD once a queue. */
function queueFields(queue: QueueName) {
  const at = `workers.${queue}`;
  const replicas = integer({ min: 1, max: 500 });
  return {
    [`${queue}ScalingMode`]: field({
      path: `${at}.scaling.mode`,
      kind: text({ values: ['Queue', 'Fixed'] }),
      default: queues[queue].singleton ? 'Fixed' : 'Queue',
      doc: 'What decides the number of pods. Queue: the jobs, through KEDA where it is installed. Fixed: replicas.',
    }),
    [`${queue}MinReplicas`]: field({
      path: `${at}.scaling.minReplicas`,
      kind: integer({ min: 0, max: 500 }),
      default: 1,
      doc: 'Least pods. 0 is for queues without a schedule only.',
    }),
    [`${queue}MaxReplicas`]: field({
      path: `${at}.scaling.maxReplicas`,
      kind: replicas,
      default: queues[queue].maxReplicas,
      doc: 'Most pods.',
    }),
    [`${queue}JobsPerReplica`]: field({
      path: `${at}.scaling.jobsPerReplica`,
      kind: integer({ min: 1, max: 100_000 }),
      default: 10,
      doc: 'Jobs for which there is one pod. Those that wait and those that run count; keep it at the concurrency or above.',
    }),
    [`${queue}FallbackReplicas`]: field({
      path: `${at}.scaling.fallbackReplicas`,
      kind: replicas,
      default: 1,
      doc: 'Pods while KEDA cannot read the queue. More stay if more are running.',
    }),
    [`${queue}Replicas`]: field({
      path: `${at}.replicas`,
      kind: replicas,
      default: 1,
      doc: 'Pods when nothing scales them. That is when scaling.mode is Fixed, or KEDA is not installed.',
    }),
    ...resourceFields(queue, at, {
      cpuRequest: 100,
      memoryRequest: 256 * Mi,
      memoryLimit: 512 * Mi,
    }),
  };
}

/** How the workers run in a cluster. */
export const workerPods = {
  ...(Object.assign({}, ...queueNames.map(queueFields)) as All<QueueFields>),
  workersScaleDownAfter: field({
    path: 'workers.scaling.scaleDownAfter',
    kind: duration('s', { min: 0, max: 3_600_000 }),
    default: 600_000,
    doc: 'For how long there must be less work before pods are taken away, one a minute.',
  }),
  ...resourceFields('combined', 'workers', {
    cpuRequest: 500,
    memoryRequest: 512 * Mi,
    memoryLimit: 1536 * Mi,
  }),
  ...podTemplateFields('workersPod', 'workers.podTemplate', "the workers' pods"),
};
