import { isNearlyFull, isOverBudget } from '@bundler/contract';
import type { LiveDeployment } from '../rollout/gate.ts';
import { type ConditionType, type Finding, no, unknown, yes } from './conditions.ts';
import { ailment } from './health.ts';
import type { Report } from './report.ts';
import { type LiveScaledObject, scalingOf } from './scaling.ts';

/** What stands in the cluster now. */
export interface Seen {
  readonly deployments: readonly LiveDeployment[];
  readonly scaledObjects: readonly LiveScaledObject[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What every condition has to say, from the last reconciliation and what is seen now. */
export function findings(report: Report, seen: Seen): Record<ConditionType, Finding> {
  const stalled = stalledBy(report);
  const reconciling = stalled ? undefined : reconcilingBy(report);
  return {
    Ready: ready(report, seen, reconciling),
    Reconciling: reconciling ?? no('Settled', 'nothing is left to do'),
    Stalled: stalled ?? no('NotStalled', ''),
    ConfigValid: configValid(report),
    DatabaseBudgetOK: databaseBudget(report),
    AutoscalingReady: autoscaling(report, seen),
    RolledBack: rolledBack(report),
    Suspended: report.suspended
      ? yes('SpecSuspended', 'spec.suspend is true: nothing is changed until it is false')
      : no('NotSuspended', ''),
  };
}

/** What only a person can help with. */
function stalledBy(report: Report): Finding | undefined {
  const { violations, course, obstacle } = report;
  if (violations.length > 0) return yes('InvalidSpec', 'the spec cannot be used; see ConfigValid');
  if (obstacle?.terminal) return yes(obstacle.reason, obstacle.message);
  const attempt = course?.target.attempt;
  if (course?.phase === 'RolledBack') {
    return yes('RolledBack', `${attempt?.message}; edit the spec, or change the retry annotation to try again`);
  }
  return course?.phase === 'Held' ? yes(attempt?.reason ?? 'RolloutFailed', held(report)) : undefined;
}

function held({ course, lastGood }: Report): string {
  const why = lastGood === undefined ? 'there is no good revision to go back to' : 'spec.rollout.onFailure is Hold';
  return `${course?.target.attempt.message}; the rollout stands still, because ${why}`;
}

/** What goes on, or will go on by itself. */
function reconcilingBy({ course, gate, missingSecrets, obstacle }: Report): Finding | undefined {
  if (missingSecrets.length > 0) return yes('SecretNotFound', waitingForSecrets(missingSecrets));
  if (obstacle) return yes(obstacle.reason, obstacle.message);
  if (course?.phase === 'Good') return undefined;
  return yes('RollingOut', gate.state === 'Passed' ? 'the next step is about to begin' : gate.message);
}

function ready({ course, violations }: Report, { deployments, now }: Seen, reconciling?: Finding): Finding {
  const ailments = deployments.flatMap((live) => ailment(live, now) ?? []);
  if (deployments.length === 0) {
    if (violations.length > 0) return no('InvalidSpec', 'the spec cannot be used, and nothing was installed before');
    return no(reconciling?.reason ?? 'NotInstalled', reconciling?.message ?? 'nothing is installed yet');
  }
  if (ailments.length > 0) return no('Unavailable', ailments.join('; '));
  if (course?.phase === 'Rolling') return unknown(reconciling?.reason ?? 'RollingOut', reconciling?.message ?? '');
  if (course?.phase === 'Held') return no('RolloutFailed', course.target.attempt.message ?? '');
  return yes('Available', servedRevision(course));
}

function servedRevision(course: Report['course']): string {
  const runs = course?.revisionOf('UploadApi')?.name ?? 'unknown';
  return course?.phase === 'RolledBack'
    ? `serving with revision ${runs}, because ${course.target.name} failed`
    : `serving with revision ${runs}`;
}

function configValid({ violations, missingSecrets }: Report): Finding {
  if (violations.length > 0) {
    return no('Invalid', violations.map(({ setting, message }) => `${setting} ${message}`).join('; '));
  }
  if (missingSecrets.length > 0) return no('SecretNotFound', waitingForSecrets(missingSecrets));
  return yes('Valid', '');
}

const waitingForSecrets = (missing: readonly string[]): string =>
  `waiting for Secret ${missing.join(', ')}; create ${missing.length === 1 ? 'it' : 'them'} in the same namespace`;

function databaseBudget({ connectionBudget: own }: Report): Finding {
  const { payment } = own;
  const budgets = payment ? [own, payment] : [own];
  const ofPayment =
    payment && `${payment.possible} of ${payment.available ?? 'an unknown number'} of the payment database`;
  const numbers = `the pods could hold ${own.possible} of ${own.available} database connections${ofPayment ? `, and ${ofPayment}` : ''}`;
  if (budgets.some(isOverBudget)) return no('BudgetExceeded', `${numbers}; lower a pool or a replica count`);
  return budgets.some(isNearlyFull) ? yes('NearlyFull', numbers) : yes('WithinBudget', numbers);
}

function autoscaling({ autoscaling: { wanted, kedaInstalled } }: Report, { scaledObjects, now }: Seen): Finding {
  if (!wanted) return yes('NotWanted', 'every queue has a fixed number of workers');
  if (!kedaInstalled) {
    return no(
      'KEDANotInstalled',
      'KEDA is not installed, so every queue has a fixed number of workers; install it to scale',
    );
  }
  const states = scaledObjects.map((scaled) => scalingOf(scaled, now));
  const problems = states.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) return no('ScalingFailed', problems.join('; '));
  if (states.some(({ state }) => state === 'Pending'))
    return unknown('Pending', 'KEDA has not looked at every queue yet');
  return yes('Scaling', `${states.length} queues are scaled by their jobs`);
}

function rolledBack({ course }: Report): Finding {
  if (course?.phase !== 'RolledBack') return no('NotRolledBack', '');
  const { attempt, name } = course.target;
  return yes(attempt.reason ?? 'RolloutFailed', `revision ${name} failed: ${attempt.message ?? 'no reason was kept'}`);
}
