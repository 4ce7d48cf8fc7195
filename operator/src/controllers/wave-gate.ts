import type { KubeObject } from '../kube/objects.ts';
import { resources } from '../kube/resources.ts';
import type { Deployment, Manifest } from '../render/index.ts';
import { TEMPLATE_HASH } from '../render/index.ts';
import { deploymentGate } from '../rollout/deployment-gate.ts';
import { type Gate, type LiveDeployment, type LiveJob, type LivePod, together } from '../rollout/gate.ts';
import { jobGate } from '../rollout/job-gate.ts';
import type { Attempt } from '../rollout/revision.ts';
import { waveOf } from '../rollout/waves.ts';
import type { Cluster } from './cluster.ts';

const COMPONENT = 'app.kubernetes.io/component';
/** Put on its pods by the Job controller. */
const JOB_NAME = 'batch.kubernetes.io/job-name';

export interface WaveTrial {
  readonly attempt: Attempt;
  /** Of the revision on trial. */
  readonly manifests: readonly Manifest[];
  readonly owner: { readonly name: string; readonly namespace: string };
  readonly progressDeadline: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Whether everything in the wave that an attempt has reached is well. */
export function waveGate(trial: WaveTrial, cluster: Pick<Cluster, 'get' | 'list'>): Gate {
  const inWave = trial.manifests.filter((manifest) => waveOf(manifest) === trial.attempt.wave);
  return together(inWave.flatMap((manifest) => gateOf(manifest, trial, cluster) ?? []));
}

function gateOf(manifest: Manifest, trial: WaveTrial, cluster: Pick<Cluster, 'get' | 'list'>): Gate | undefined {
  const { name, namespace } = manifest.metadata;
  if (manifest.kind === 'Job') {
    const { attempt, progressDeadline, now } = trial;
    const live = cluster.get({ type: resources.jobs, namespace, name }) as LiveJob | undefined;
    const pods = cluster
      .list<KubeObject & LivePod>(resources.pods, trial.owner)
      .filter(({ metadata }) => metadata.labels?.[JOB_NAME] === name);
    return jobGate({ name, since: Date.parse(attempt.since), progressDeadline, now }, live, pods);
  }
  if (manifest.kind !== 'Deployment') return undefined;
  const live = cluster.get({ type: resources.deployments, namespace, name }) as LiveDeployment | undefined;
  return deploymentGate(deploymentTrial(manifest, trial), live, podsOf(manifest, trial, cluster));
}

const deploymentTrial = (manifest: Deployment, { attempt, progressDeadline, now }: WaveTrial) => ({
  name: manifest.metadata.name,
  templateHash: manifest.spec.template.metadata.annotations[TEMPLATE_HASH],
  since: Date.parse(attempt.since),
  progressDeadline,
  now,
});

function podsOf(manifest: Deployment, { owner }: WaveTrial, cluster: Pick<Cluster, 'list'>): LivePod[] {
  const component = manifest.metadata.labels[COMPONENT];
  const pods = cluster.list<KubeObject & LivePod>(resources.pods, owner);
  return pods.filter(({ metadata }) => metadata.labels?.[COMPONENT] === component);
}
