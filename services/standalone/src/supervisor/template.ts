import { type Deployment, type EnvVar, HTTP_PORT, type Probe, TEMPLATE_HASH } from '@bundler/operator';

/** What one rendered Deployment means on this machine. */
export interface ProcessTemplate {
  readonly deployment: string;
  readonly hash: string;
  /** Modules that are loaded before the script. */
  readonly preloads: readonly string[];
  /** The script and its arguments; the interpreter is the one that runs the supervisor. */
  readonly args: readonly [script: string, ...rest: string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Whether clients reach it: its replicas then share one listening socket. */
  readonly serves: boolean;
  readonly graceMs: number;
  readonly readiness: Probe;
  readonly liveness: Probe;
}

export interface Desired {
  readonly template: ProcessTemplate;
  readonly replicas: number;
}

/** Reads a rendered Deployment. Throws when it holds what only a cluster can resolve. */
export function toDesired({ metadata, spec }: Deployment): Desired {
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const command = nodeCommand(container.command);
  if (!command) {
    const form = 'node [--import <module>] <script>';
    throw new Error(`${metadata.name}: the command must be "${form}", but is "${container.command.join(' ')}"`);
  }
  return {
    replicas: spec.replicas ?? 1,
    template: {
      deployment: metadata.name,
      hash: spec.template.metadata.annotations[TEMPLATE_HASH] ?? '',
      ...command,
      env: Object.fromEntries(container.env.map((entry) => [entry.name, literal(entry, metadata.name)])),
      serves: container.ports.some(({ name }) => name === HTTP_PORT),
      graceMs: pod.terminationGracePeriodSeconds * 1000,
      readiness: container.readinessProbe,
      liveness: container.livenessProbe,
    },
  };
}

function nodeCommand([interpreter, ...words]: readonly string[]):
  | Pick<ProcessTemplate, 'preloads' | 'args'>
  | undefined {
  const preloads: string[] = [];
  while (words[0] === '--import' && words[1] !== undefined) preloads.push(...words.splice(0, 2).slice(1));
  const [script, ...rest] = words;
  return interpreter === 'node' && script !== undefined ? { preloads, args: [script, ...rest] } : undefined;
}

function literal(entry: EnvVar, deployment: string): string {
  if ('value' in entry) return entry.value;
  throw new Error(`${deployment}: ${entry.name} comes from a Secret; on one machine it needs a value`);
}
