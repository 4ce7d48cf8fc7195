import { join } from 'node:path';
import { queueNames } from '@bundler/contract';
import type { PreviousOperator } from './built.ts';
import { type Context, OPERATOR, PLATFORM } from './context.ts';
import type { Release } from './helm.ts';

/** The node of a test cluster may have two cores for everything: pods ask for little, and use what is there. */
const little = { resources: { requests: { cpu: '10m' } } };

/** The operator's release, as this checkout has it or as an earlier commit had it. */
export function operatorRelease({ built, charts, operator }: Context, previous?: PreviousOperator | null): Release {
  const image = { repository: `${built.registry}/bundler-operator`, tag: previous?.tag ?? built.tag };
  return {
    name: OPERATOR,
    chart: previous?.chart ?? join(charts, 'bundler-operator'),
    namespace: operator.namespace,
    values: { image, ...little },
  };
}

/** The platform's release: a trial with everything in it, and short deadlines. */
export function platformRelease({ built, charts, images, kubectl }: Context): Release {
  const { registry, tag } = built;
  return {
    name: PLATFORM,
    chart: join(charts, 'bundler'),
    namespace: kubectl.namespace,
    values: {
      image: { repository: `${registry}/bundler`, tag },
      test: { waitFor: 'Permanent' },
      trial: {
        enabled: true,
        postgres: { image: images.postgres, extraEnv: [{ name: 'POSTGRES_DBS', value: 'bundler,payment' }] },
        redis: { image: images.redis },
        s3: { image: images.s3 },
        gateway: { image: { repository: `${registry}/bundler-gateway`, tag } },
      },
      spec: {
        rollout: { minReady: '5s', progressDeadline: '60s' },
        shutdown: { announce: '2s', drain: '20s' },
        upload: little,
        payment: little,
        workers: Object.fromEntries(queueNames.map((queue) => [queue, little])),
      },
    },
  };
}

/** A namespace in which only pods that meet the `restricted` standard may run. */
export function restricted(name: string): object {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}
