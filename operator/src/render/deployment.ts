import { type SpecConfig, settings } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { hashOf, TEMPLATE_HASH } from './hash.ts';
import { objectLabels, selectorLabels } from './labels.ts';
import type { ContainerPort, Deployment, EnvVar, PodSpec } from './manifest.ts';
import { ADMIN_PORT } from './names.ts';
import { livenessProbe, readinessProbe } from './probes.ts';
import { containerSecurity, podSecurity } from './security.ts';

interface Program {
  readonly name: string;
  readonly component: string;
  readonly replicas: number;
  readonly command: readonly string[];
  readonly env: readonly EnvVar[];
  /** Ports beside the admin port. */
  readonly ports: readonly ContainerPort[];
}

/** Time to leave after the drain: closing connections, flushing logs. */
const SHUTDOWN_MARGIN_SECONDS = 10;

/** One program of the platform as a Deployment. New pods come before old ones go, so that clients see no gap. */
export function deployment(program: Program, config: SpecConfig, facts: Facts): Deployment {
  const labels = objectLabels(facts.name, program.component);
  const spec = podSpec(program, config, facts);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: program.name, namespace: facts.namespace, labels },
    spec: {
      replicas: program.replicas,
      selector: { matchLabels: selectorLabels(facts.name, program.component) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels, annotations: { [TEMPLATE_HASH]: hashOf(spec) } }, spec },
    },
  };
}

function podSpec(program: Program, config: SpecConfig, facts: Facts): PodSpec {
  return {
    terminationGracePeriodSeconds: graceSeconds(config),
    securityContext: podSecurity,
    containers: [
      {
        name: program.component,
        image: facts.image,
        command: program.command,
        env: program.env,
        ports: [...program.ports, { name: ADMIN_PORT, containerPort: adminPort(facts) }],
        livenessProbe,
        readinessProbe,
        securityContext: containerSecurity,
      },
    ],
  };
}

/** As long as the slowest way out: announced, drained, closed. */
function graceSeconds({ shutdownAnnounce, shutdownDrain }: SpecConfig): number {
  return Math.ceil((shutdownAnnounce + shutdownDrain) / 1000) + SHUTDOWN_MARGIN_SECONDS;
}

function adminPort({ platform }: Facts): number {
  const given = platform.env[settings.adminPort.env];
  return given && 'value' in given ? Number(given.value) : (settings.adminPort.default ?? 0);
}
