import type { Course } from '../rollout/machine.ts';
import type { Report } from '../status/report.ts';

/** An event of events.k8s.io about a BundlerConfig. */
export interface Announcement {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** What the operator was doing, in the words of the events API: one verb. */
  readonly action: string;
  readonly note: string;
}

const normal = (reason: string, action: string, note: string): Announcement => ({
  type: 'Normal',
  reason,
  action,
  note,
});
const warning = (reason: string, action: string, note: string): Announcement => ({
  type: 'Warning',
  reason,
  action,
  note,
});

/** What has happened between two looks at a BundlerConfig that people want to hear of. Nothing is said twice. */
export function announcements(before: Report | undefined, now: Report): Announcement[] {
  return [
    ...onSpec(before, now),
    ...onRollout(before?.course, now.course),
    ...onObstacle(before, now),
    ...onAutoscaling(before, now),
    ...onSuspension(before, now),
  ];
}

function onSpec(before: Report | undefined, { violations, missingSecrets }: Report): Announcement[] {
  const [was, is] = [violationsOf(before), violationsOf({ violations })];
  const [lacked, lacks] = [before?.missingSecrets.join(', ') ?? '', missingSecrets.join(', ')];
  return [
    ...(is !== '' && is !== was ? [warning('InvalidSpec', 'Validate', is)] : []),
    ...(lacks !== '' && lacks !== lacked ? [warning('SecretNotFound', 'ReadSecret', `waiting for ${lacks}`)] : []),
  ];
}

const violationsOf = (report: Pick<Report, 'violations'> | undefined): string =>
  report?.violations.map(({ setting, message }) => `${setting} ${message}`).join('; ') ?? '';

function onRollout(before: Course | undefined, now: Course | undefined): Announcement[] {
  if (!now) return [];
  const { phase, target } = now;
  const { message = '' } = target.attempt;
  if (before?.target.name === target.name && before.phase === phase) return [];
  // Which step it is at stands in status: how much may be told of one object is limited.
  if (phase === 'Rolling') return [normal('RollingOut', 'RollOut', `revision ${target.name} is rolled out`)];
  // A process that has just started finds things as they are; that is no news.
  if (!before) return [];
  if (phase === 'Good') return [normal('RolledOut', 'RollOut', `revision ${target.name} is good`)];
  const back = now.revisionOf('UploadApi')?.name;
  if (phase === 'RolledBack') {
    return [warning('RolledBack', 'RollBack', `revision ${target.name} failed, back to ${back}: ${message}`)];
  }
  return [warning('RolloutFailed', 'RollOut', `revision ${target.name} failed and is held: ${message}`)];
}

function onObstacle(before: Report | undefined, { obstacle }: Report): Announcement[] {
  if (!obstacle || obstacle.message === before?.obstacle?.message) return [];
  return [warning(obstacle.reason, 'Apply', obstacle.message)];
}

function onAutoscaling(before: Report | undefined, { autoscaling: { wanted, kedaInstalled } }: Report): Announcement[] {
  const was = before?.autoscaling;
  if (!wanted || (was?.wanted && was.kedaInstalled === kedaInstalled)) return [];
  if (!kedaInstalled) return [warning('KEDANotInstalled', 'Scale', 'every queue gets a fixed number of workers')];
  return was ? [normal('ScalingHandedOver', 'Scale', 'KEDA scales the workers from now on')] : [];
}

function onSuspension(before: Report | undefined, { suspended }: Report): Announcement[] {
  if (before === undefined || before.suspended === suspended) return [];
  return suspended
    ? [normal('Suspended', 'Suspend', 'nothing is changed until spec.suspend is false')]
    : [normal('Resumed', 'Resume', 'what changed meanwhile is applied now')];
}
