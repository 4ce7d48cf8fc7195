import { type PodTemplateAdditions, type SpecConfig, settings } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { hashOf, TEMPLATE_HASH } from './hash.ts';
import { imageOf } from './image.ts';
import { objectLabels } from './labels.ts';
import type { Container, EnvVar, Labels, Part, PodSpec, PodTemplate } from './manifest.ts';
import { type MountedFile, mountedFiles } from './mounted-files.ts';
import { liveName, serviceAccountName } from './names.ts';
import { isEmpty } from './pod-additions.ts';
import { secretDigests } from './secrets.ts';
import { containerSecurity, podSecurity } from './security.ts';

/** What one program's pods are made of. */
export interface Program<Extra extends Partial<Container> = Partial<Container>> {
  readonly component: string;
  readonly command: readonly string[];
  readonly env: readonly EnvVar[];
  readonly resources: Part;
  readonly additions: PodTemplateAdditions;
  /** What its container has beside that: ports and probes. */
  readonly container: Extra;
  /** What its pods have beside that. */
  readonly pod?: Part;
}

/** Room for the unfinished pieces of large requests; everything else that is kept has its own place. */
const TMP_LIMIT = '1Gi';

/** Time to leave after the drain: closing connections, flushing logs. */
const SHUTDOWN_MARGIN_SECONDS = 10;

/** The pods of a program. Their hash covers everything whose change needs new pods. */
export function podTemplate<Extra extends Partial<Container>>(
  program: Program<Extra>,
  config: SpecConfig,
  facts: Facts,
): PodTemplate<Container & Extra> {
  const spec = podSpec(program, config, facts);
  const { labels: own, annotations } = program.additions;
  const labels = { ...own, ...objectLabels(facts.name, program.component) };
  const digests = facts.cluster ? secretDigests(spec, facts.cluster.secretDigests) : {};
  const hash = hashOf({ own, annotations, digests, spec });
  return { metadata: { labels, annotations: { ...annotations, ...digests, [TEMPLATE_HASH]: hash } as Labels }, spec };
}

function podSpec<Extra extends Partial<Container>>(program: Program<Extra>, config: SpecConfig, facts: Facts) {
  const container = {
    name: program.component,
    image: imageOf(config, facts),
    command: program.command,
    env: facts.cluster ? [...program.env, ...(program.additions.env as unknown as EnvVar[])] : program.env,
    ...program.container,
    ...(facts.cluster ? clusterContainer(program, config, facts) : {}),
    securityContext: containerSecurity,
  };
  return {
    terminationGracePeriodSeconds: graceSeconds(config),
    securityContext: podSecurity,
    ...(facts.cluster ? clusterPod(program, config, facts) : {}),
    containers: [container] as const,
  } satisfies PodSpec;
}

function clusterContainer({ additions, env, resources }: Program, config: SpecConfig, facts: Facts) {
  const own = [
    { name: 'tmp', mountPath: '/tmp' },
    ...(uses(env, settings.liveSettingsFile.env)
      ? [{ name: 'live', mountPath: facts.platform.mounts.live, readOnly: true }]
      : []),
    ...filesOf(env, config).map(({ mount }) => mount),
  ];
  return {
    imagePullPolicy: config.imagePullPolicy,
    resources,
    volumeMounts: [...own, ...additions.volumeMounts],
  };
}

function clusterPod({ additions, env, pod = {} }: Program, config: SpecConfig, facts: Facts): Part {
  const { affinity, nodeSelector, priorityClassName, tolerations, volumes } = additions;
  const own = [
    { name: 'tmp', emptyDir: { sizeLimit: TMP_LIMIT } },
    ...(uses(env, settings.liveSettingsFile.env) ? [{ name: 'live', configMap: { name: liveName(facts.name) } }] : []),
    ...filesOf(env, config).map(({ volume }) => volume),
  ];
  return {
    serviceAccountName: serviceAccountName(facts.name),
    // No process of the platform speaks to the API server, and none reads where other Services are.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(config.imagePullSecrets.length > 0 ? { imagePullSecrets: config.imagePullSecrets } : {}),
    ...(isEmpty(nodeSelector) ? {} : { nodeSelector }),
    ...(isEmpty(affinity) ? {} : { affinity }),
    ...(tolerations.length > 0 ? { tolerations } : {}),
    ...(priorityClassName === '' ? {} : { priorityClassName }),
    ...pod,
    volumes: [...own, ...volumes],
  };
}

/** Those files that the program has the variable for. */
const filesOf = (env: readonly EnvVar[], config: SpecConfig): MountedFile[] =>
  mountedFiles(config).filter((file) => uses(env, file.env));

const uses = (env: readonly EnvVar[], variable: string): boolean => env.some(({ name }) => name === variable);

/** As long as the slowest way out: announced, drained, closed. */
function graceSeconds({ shutdownAnnounce, shutdownDrain }: SpecConfig): number {
  return Math.ceil((shutdownAnnounce + shutdownDrain) / 1000) + SHUTDOWN_MARGIN_SECONDS;
}
