import { TEMPLATE_HASH } from '../render/hash.ts';
import { failed, type Gate, type LiveDeployment, type LivePod, passed, waiting } from './gate.ts';

/** A container that came up and died this often will not come up by waiting. */
const RESTARTS_OF_A_CRASH_LOOP = 3;

/** What a Deployment is measured by. */
export interface DeploymentTrial {
  readonly name: string;
  /** The template hash of the revision on trial. */
  readonly templateHash: string | undefined;
  /** When this revision was given to the Deployment, milliseconds. What happened before does not count. */
  readonly since: number;
  /** Milliseconds a Deployment may stand still. */
  readonly progressDeadline: number;
  readonly now: number;
}

/**
 * Whether a Deployment runs the revision on trial in good health: its controller has seen it, every pod is of it, and all
 * have been available for `minReadySeconds` without a restart.
 *
 * @param live undefined while nothing is known of the Deployment
 * @param pods of this Deployment, of any revision
 */
export function deploymentGate(
  trial: DeploymentTrial,
  live: LiveDeployment | undefined,
  pods: readonly LivePod[],
): Gate {
  if (!live) return waiting('NotCreated', `Deployment ${trial.name} does not exist yet`);
  if (hashOfTemplate(live) !== trial.templateHash) {
    return waiting('NotApplied', `Deployment ${trial.name} does not have the new pod template yet`);
  }
  if ((live.status?.observedGeneration ?? 0) < (live.metadata.generation ?? 0)) {
    return waiting('NotObserved', `the Deployment controller has not seen the change of ${trial.name} yet`);
  }
  return crashLoop(trial, pods) ?? deadlineExceeded(trial, live) ?? complete(trial, live) ?? passed;
}

const hashOfTemplate = ({ spec }: LiveDeployment) => spec.template.metadata?.annotations?.[TEMPLATE_HASH];

function crashLoop(trial: DeploymentTrial, pods: readonly LivePod[]): Gate | undefined {
  for (const { pod, container, ended } of crashes(trial, pods)) {
    if (container.restartCount < RESTARTS_OF_A_CRASH_LOOP) continue;
    const how = ended.reason ?? 'Error';
    return failed(
      'CrashLoop',
      `container ${container.name} of pod ${pod} was restarted ${container.restartCount} times, last after ${how} with exit code ${ended.exitCode ?? 'unknown'}`,
    );
  }
  return undefined;
}

/** An old verdict counts only once this trial has had as long itself: a Deployment that stands still repeats no verdict. */
function deadlineExceeded(trial: DeploymentTrial, live: LiveDeployment): Gate | undefined {
  const verdict = live.status?.conditions?.find(({ type }) => type === 'Progressing');
  if (verdict?.status !== 'False' || verdict.reason !== 'ProgressDeadlineExceeded') return undefined;
  const given = Date.parse(verdict.lastUpdateTime ?? '');
  const fresh = given >= wholeSecond(trial.since) || trial.now - trial.since > trial.progressDeadline;
  return fresh
    ? failed('ProgressDeadlineExceeded', verdict.message ?? `Deployment ${trial.name} made no progress`)
    : undefined;
}

function complete(trial: DeploymentTrial, live: LiveDeployment): Gate | undefined {
  const desired = live.spec.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = live.status ?? {};
  if (updatedReplicas < desired) {
    return waiting('Updating', `${trial.name}: ${updatedReplicas} of ${desired} pods are new`);
  }
  if (replicas > updatedReplicas) {
    return waiting('Retiring', `${trial.name}: ${replicas - updatedReplicas} old pods have yet to stop`);
  }
  if (availableReplicas < desired) {
    return waiting('NotAvailable', `${trial.name}: ${availableReplicas} of ${desired} pods are available`);
  }
  return undefined;
}

function crashes(trial: DeploymentTrial, pods: readonly LivePod[]) {
  return pods
    .filter(
      ({ metadata }) => metadata.annotations?.[TEMPLATE_HASH] === trial.templateHash && !metadata.deletionTimestamp,
    )
    .flatMap((pod) =>
      (pod.status?.containerStatuses ?? []).flatMap((container) => {
        const ended = container.lastState?.terminated;
        const counts = ended && Date.parse(ended.finishedAt ?? '') >= wholeSecond(trial.since);
        return counts ? [{ pod: pod.metadata.name, container, ended }] : [];
      }),
    );
}

/** Kubernetes writes its times in whole seconds. */
const wholeSecond = (milliseconds: number) => Math.floor(milliseconds / 1000) * 1000;
