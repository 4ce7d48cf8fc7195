import { type QueueName, queues, type SpecConfig } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { metadata } from './labels.ts';
import type { Part, ScaledObject, TriggerAuthentication } from './manifest.ts';
import { redisQueueAuthName, SHARED_COMPONENT, workersComponent, workersName } from './names.ts';
import { hostAndPort } from './references.ts';

/** Where BullMQ keeps a queue's jobs, by state; a plain key without jobs reads as 0. */
const STATES = ['wait', 'prioritized', 'active', 'delayed'] as const;

/**
 * Running jobs count, so that a busy pod is never too many, and the jobs of a worker that was killed keep one alive to take
 * them over. Delayed jobs are moved on by a worker alone: one pod stands by for them.
 */
const FORMULA = 'wait + prioritized + active + (delayed > 0 && wait + prioritized + active == 0 ? 1 : 0)';

/** KEDA chooses the number of a queue's pods by its jobs (keda.sh/v1alpha1 ScaledObject, redis lists scaler). */
export function queueAutoscaler(queue: QueueName, config: SpecConfig, facts: Facts): ScaledObject {
  const name = workersName(facts.name, queue);
  // A pod runs this many jobs at once: asking for a pod before that would pay for one that idles.
  const jobsPerPod = Math.max(config[`${queue}JobsPerReplica`], config[`${queue}Concurrency`]);
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: metadata(facts, name, workersComponent(queue), config[`${queue}Paused`] ? PAUSED : {}),
    spec: {
      scaleTargetRef: { name },
      // Between no pod and the first one only, and KEDA warns about them elsewhere.
      ...(config[`${queue}MinReplicas`] === 0 ? { pollingInterval: 15, cooldownPeriod: 300 } : {}),
      minReplicaCount: config[`${queue}MinReplicas`],
      maxReplicaCount: config[`${queue}MaxReplicas`],
      fallback: {
        failureThreshold: 3,
        replicas: config[`${queue}FallbackReplicas`],
        behavior: 'currentReplicasIfHigher',
      },
      advanced: {
        horizontalPodAutoscalerConfig: { behavior: behavior(config) },
        scalingModifiers: {
          formula: FORMULA,
          target: String(jobsPerPod),
          activationTarget: '0',
          metricType: 'AverageValue',
        },
      },
      triggers: STATES.map((state) => trigger(queue, state, config, facts)),
    },
  };
}

/** The jobs of a queue that rests would ask for ever more pods: KEDA keeps those that there are. */
const PAUSED = { 'autoscaling.keda.sh/paused': 'true' };

/** Up within half a minute; down one pod a minute, after a while of less work. */
const behavior = (config: SpecConfig): Part => ({
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Percent', value: 100, periodSeconds: 30 },
      { type: 'Pods', value: 2, periodSeconds: 30 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: config.workersScaleDownAfter / 1000,
    policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
  },
});

function trigger(queue: QueueName, state: (typeof STATES)[number], config: SpecConfig, facts: Facts): Part {
  return {
    type: 'redis',
    name: state,
    metadata: {
      address: hostAndPort(fromAnywhere(config.redisQueueHost, facts), config.redisQueuePort),
      databaseIndex: String(config.redisQueueDatabase),
      ...(config.redisQueueTls ? { enableTLS: 'true' } : {}),
      listName: `bull:${queues[queue].name}:${state}`,
      listLength: '1',
    },
    ...(credentials(config).length > 0 ? { authenticationRef: { name: redisQueueAuthName(facts.name) } } : {}),
  };
}

/** KEDA asks from a namespace of its own, in which the bare name of a Service means nothing. */
function fromAnywhere(host: string, { namespace }: Facts): string {
  return /[.:]/.test(host) ? host : `${host}.${namespace}.svc`;
}

/** The credentials of the queues for KEDA, from the keys that the pods read; nothing when the server asks for none. */
export function queueCredentials(config: SpecConfig, facts: Facts): TriggerAuthentication[] {
  const secretTargetRef = credentials(config);
  if (secretTargetRef.length === 0) return [];
  return [
    {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata: metadata(facts, redisQueueAuthName(facts.name), SHARED_COMPONENT),
      spec: { secretTargetRef },
    },
  ];
}

function credentials(config: SpecConfig): readonly Part[] {
  const { redisSecretName: name, redisQueueUsernameKey, redisQueuePasswordKey } = config;
  const keys = { username: redisQueueUsernameKey, password: redisQueuePasswordKey };
  return Object.entries(keys)
    .filter(([, key]) => name !== '' && key !== '')
    .map(([parameter, key]) => ({ parameter, name, key }));
}
