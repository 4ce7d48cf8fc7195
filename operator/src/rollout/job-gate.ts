import { failed, type Gate, type LiveJob, type LivePod, passed, waiting } from './gate.ts';

/** What a Job is measured by. */
export interface JobTrial {
  readonly name: string;
  /** When its wave began, milliseconds. */
  readonly since: number;
  /** Milliseconds that it may be without a pod that runs. */
  readonly progressDeadline: number;
  readonly now: number;
}

/**
 * Whether a Job is done. One that runs may take as long as it takes, because a schema of many rows does; one whose pods
 * cannot start, for want of its image, would be waited for without end: Kubernetes itself never gives up on it.
 *
 * @param pods of the Job
 */
export function jobGate(trial: JobTrial, live: LiveJob | undefined, pods: readonly LivePod[]): Gate {
  const { name } = trial;
  if (!live) return waiting('NotCreated', `Job ${name} does not exist yet`);
  const failure = conditionOf(live, 'Failed');
  if (failure) {
    const why = failure.message ?? failure.reason ?? 'no reason given';
    return failed('MigrationFailed', `Job ${name} failed: ${why}; see its pods' log`);
  }
  if (conditionOf(live, 'Complete')) return passed;
  if ((live.status?.ready ?? 0) > 0) return waiting('Migrating', `Job ${name} is running`);
  // Kubernetes counts the tries, and gives up.
  const tries = live.status?.failed ?? 0;
  if (tries > 0) return waiting('Migrating', `Job ${name} failed ${tries} times and is tried again`);
  const waits = waitsOf(pods);
  const late = trial.now - trial.since > trial.progressDeadline;
  return late
    ? failed('MigrationNotStarted', `no pod of Job ${name} has come to run${waits}`)
    : waiting('MigrationStarting', `Job ${name} has no running pod yet${waits}`);
}

/** Whether a Job has ended, in whatever way. */
export const isOver = (live: LiveJob): boolean =>
  conditionOf(live, 'Complete') !== undefined || conditionOf(live, 'Failed') !== undefined;

/** Whether a Job has ended without having done its work. */
export const hasFailed = (live: LiveJob): boolean => conditionOf(live, 'Failed') !== undefined;

const conditionOf = ({ status }: LiveJob, type: string) =>
  status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');

/** What the kubelet says about the first container that waits. */
function waitsOf(pods: readonly LivePod[]): string {
  for (const { metadata, status } of pods) {
    for (const { name, state } of status?.containerStatuses ?? []) {
      const { reason, message } = state?.waiting ?? {};
      if (reason)
        return `: container ${name} of pod ${metadata.name} waits, ${reason}${message ? ` (${message})` : ''}`;
    }
  }
  return '';
}
