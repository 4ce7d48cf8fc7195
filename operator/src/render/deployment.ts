import { type SpecConfig, settings } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { metadata, selectorLabels } from './labels.ts';
import type { ContainerPort, Deployment, Part } from './manifest.ts';
import { ADMIN_PORT } from './names.ts';
import { livenessProbe, readinessProbe, startupProbe } from './probes.ts';
import { type Program, podTemplate } from './program.ts';

/** What a Deployment is made of beside its pods. */
export interface Running {
  readonly name: string;
  /** Undefined where an autoscaler owns the number. */
  readonly replicas: number | undefined;
  /** A program that exists once is replaced, the old pod first; others get the new pod before the old one goes. */
  readonly singleton: boolean;
  /** Ports beside the admin port. */
  readonly ports: readonly ContainerPort[];
}

/** One program of the platform as a Deployment. */
export function deployment(
  running: Running,
  program: Omit<Program, 'container'>,
  config: SpecConfig,
  facts: Facts,
): Deployment {
  const container = {
    ports: [...running.ports, { name: ADMIN_PORT, containerPort: adminPort(facts) }],
    startupProbe,
    livenessProbe,
    readinessProbe,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(facts, running.name, program.component),
    spec: {
      ...(running.replicas === undefined ? {} : { replicas: running.replicas }),
      ...(facts.cluster ? pace(config) : {}),
      selector: { matchLabels: selectorLabels(facts.name, program.component) },
      strategy: running.singleton ? { type: 'Recreate' } : oneMore,
      template: podTemplate({ ...program, container }, config, facts),
    },
  };
}

/** New pods come before old ones go, so that clients see no gap; one at a time, as the connection budget counts them. */
const oneMore: Part = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };

/** What the rollout's revisions keep of a Deployment's past: enough to look at, since going back is a new render. */
const HISTORY = 2;

function pace({ rolloutMinReady, rolloutProgressDeadline }: SpecConfig) {
  return {
    minReadySeconds: rolloutMinReady / 1000,
    progressDeadlineSeconds: rolloutProgressDeadline / 1000,
    revisionHistoryLimit: HISTORY,
  };
}

/** The port for probes and scrapes, as the platform says, else as the setting's default. */
export function adminPort({ platform }: Facts): number {
  const given = platform.env[settings.adminPort.env];
  return given && 'value' in given ? Number(given.value) : (settings.adminPort.default ?? 0);
}
