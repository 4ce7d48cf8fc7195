import type { LiveDeployment } from '../rollout/gate.ts';
import { passed, waiting } from '../rollout/gate.ts';
import { courseOf } from '../rollout/machine.ts';
import type { Attempt, Revision } from '../rollout/revision.ts';
import { computeStatus, type Observation, tellsMore } from './compute.ts';
import type { ConditionType } from './conditions.ts';
import type { Report } from './report.ts';
import type { LiveScaledObject } from './scaling.ts';
import type { BundlerConfigStatus } from './types.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

function revision(name: string, number: number, outcome: Attempt['outcome'], over: Partial<Attempt> = {}): Revision {
  const attempt: Attempt = { generation: number, retry: '', outcome, wave: 'UploadApi', since: ago(60), ...over };
  return { name, number, spec: {}, attempt };
}
const good = revision('demo-a', 1, 'Good');
const broken = revision('demo-b', 2, 'Failed', { wave: 'Workers', reason: 'CrashLoop', message: 'the container died' });
const rolling = revision('demo-b', 2, 'Rolling', { wave: 'Workers' });

const report = (over: Partial<Report> = {}): Report => ({
  generation: 2,
  suspended: false,
  plan: undefined,
  violations: [],
  missingSecrets: [],
  connectionBudget: { available: 490, possible: 420 },
  course: courseOf(good, [good], 'RollBack'),
  lastGood: 'demo-a',
  gate: passed,
  autoscaling: { wanted: true, kedaInstalled: true },
  liveGeneration: 2,
  obstacle: undefined,
  drift: undefined,
  ...over,
});

function deployment(component: string, over: LiveDeployment['status'] = {}): LiveDeployment {
  return {
    metadata: { name: `demo-${component}`, labels: { 'app.kubernetes.io/component': component } },
    spec: { replicas: 2, template: { spec: { containers: [{ image: 'bundler:1' }] } } },
    status: { updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2, ...over },
  };
}
const scaled = (...conditions: { type: string; status: string; message?: string }[]): LiveScaledObject => ({
  metadata: { name: 'demo-plan', creationTimestamp: ago(100) },
  spec: { scaleTargetRef: { name: 'demo-workers-plan' } },
  status: { conditions },
});
const working = scaled({ type: 'Ready', status: 'True' }, { type: 'Active', status: 'True' });

const seen = (over: Partial<Observation> = {}): Observation => ({
  deployments: [deployment('upload'), deployment('workers-plan')],
  scaledObjects: [working],
  autoscalers: [],
  now: NOW,
  ...over,
});
const conditionsOf = ({ conditions = [] }: BundlerConfigStatus) =>
  Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
const conditions = (over: Partial<Report> = {}, sight: Partial<Observation> = {}) =>
  conditionsOf(computeStatus(report(over), seen(sight), undefined));
const messageOf = (status: BundlerConfigStatus, type: ConditionType) =>
  status.conditions?.find((condition) => condition.type === type)?.message;

describe('the conditions', () => {
  it('say that all is well', () => {
    expect(conditions()).toEqual({
      Ready: 'True Available',
      Reconciling: 'False Settled',
      Stalled: 'False NotStalled',
      ConfigValid: 'True Valid',
      DatabaseBudgetOK: 'True WithinBudget',
      AutoscalingReady: 'True Scaling',
      RolledBack: 'False NotRolledBack',
      Suspended: 'False NotSuspended',
    });
  });

  const rolledBack = courseOf(broken, [good, broken], 'RollBack');
  it.each<[string, Partial<Report>, Partial<Observation>, Record<string, string>]>([
    [
      'of a rollout on its way',
      { course: courseOf(rolling, [good, rolling], 'RollBack'), gate: waiting('Updating', '1 of 2') },
      {},
      { Ready: 'Unknown RollingOut', Reconciling: 'True RollingOut', Stalled: 'False NotStalled' },
    ],
    [
      'of a first rollout without any pods yet',
      { course: courseOf(rolling, [rolling], 'RollBack'), gate: waiting('Updating', '') },
      { deployments: [] },
      { Ready: 'False RollingOut', Reconciling: 'True RollingOut' },
    ],
    [
      'after a rollback',
      { course: rolledBack },
      {},
      {
        Ready: 'True Available',
        Reconciling: 'False Settled',
        Stalled: 'True RolledBack',
        RolledBack: 'True CrashLoop',
      },
    ],
    [
      'of a failed rollout that is held',
      { course: courseOf(broken, [good, broken], 'Hold') },
      {},
      { Ready: 'False RolloutFailed', Stalled: 'True CrashLoop', RolledBack: 'False NotRolledBack' },
    ],
    [
      'of an invalid spec beside what still runs',
      { violations: [{ setting: 'spec.a', message: 'is wrong' }] },
      {},
      { Ready: 'True Available', Stalled: 'True InvalidSpec', ConfigValid: 'False Invalid' },
    ],
    [
      'of an invalid spec with nothing installed',
      { violations: [{ setting: 'spec.a', message: 'is wrong' }], course: undefined, lastGood: undefined },
      { deployments: [] },
      { Ready: 'False InvalidSpec', Stalled: 'True InvalidSpec' },
    ],
    [
      'while a Secret is missing',
      { missingSecrets: ['database'] },
      {},
      { ConfigValid: 'False SecretNotFound', Reconciling: 'True SecretNotFound', Stalled: 'False NotStalled' },
    ],
    [
      'of what will go away by itself',
      { obstacle: { reason: 'Unavailable', message: 'no answer', terminal: false } },
      {},
      { Reconciling: 'True Unavailable', Stalled: 'False NotStalled' },
    ],
    [
      'of what only a person can help with',
      { obstacle: { reason: 'NotOwned', message: 'somebody else has it', terminal: true } },
      {},
      { Reconciling: 'False Settled', Stalled: 'True NotOwned' },
    ],
    [
      'of a budget that is exceeded',
      { connectionBudget: { available: 100, possible: 101 } },
      {},
      { DatabaseBudgetOK: 'False BudgetExceeded' },
    ],
    [
      'of a budget that is nearly full',
      { connectionBudget: { available: 100, possible: 91 } },
      {},
      { DatabaseBudgetOK: 'True NearlyFull' },
    ],
    [
      'of a payment database that has too few',
      { connectionBudget: { available: 100, possible: 50, payment: { available: 60, possible: 62 } } },
      {},
      { DatabaseBudgetOK: 'False BudgetExceeded' },
    ],
    [
      'of a payment database that has hardly enough',
      { connectionBudget: { available: 100, possible: 50, payment: { available: 62, possible: 62 } } },
      {},
      { DatabaseBudgetOK: 'True NearlyFull' },
    ],
    [
      'of a payment database of which nobody knows',
      { connectionBudget: { available: 100, possible: 50, payment: { possible: 62 } } },
      {},
      { DatabaseBudgetOK: 'True WithinBudget' },
    ],
    [
      'without KEDA',
      { autoscaling: { wanted: true, kedaInstalled: false } },
      { scaledObjects: [] },
      { Ready: 'True Available', AutoscalingReady: 'False KEDANotInstalled' },
    ],
    [
      'with fixed numbers of workers',
      { autoscaling: { wanted: false, kedaInstalled: false } },
      { scaledObjects: [] },
      { AutoscalingReady: 'True NotWanted' },
    ],
    [
      'of a queue that KEDA cannot scale',
      {},
      { scaledObjects: [scaled({ type: 'Ready', status: 'False', message: 'no such host' })] },
      { AutoscalingReady: 'False ScalingFailed' },
    ],
    ['of a KEDA that says nothing', {}, { scaledObjects: [scaled()] }, { AutoscalingReady: 'False ScalingFailed' }],
    [
      'of a new ScaledObject',
      {},
      { scaledObjects: [scaled()], now: NOW - 95_000 },
      { AutoscalingReady: 'Unknown Pending' },
    ],
  ])('speak %s', (_, over, sight, expected) => {
    expect(conditions(over, sight)).toMatchObject(expected);
  });

  it.each<[string, LiveDeployment, string]>([
    ['no pod is available', deployment('upload', { availableReplicas: 0 }), 'False Unavailable'],
    [
      'a pod has been missing for long',
      deployment('upload', {
        availableReplicas: 1,
        conditions: [{ type: 'Available', status: 'False', lastTransitionTime: ago(121) }],
      }),
      'False Unavailable',
    ],
    [
      'Kubernetes gave up on it',
      deployment('upload', { conditions: [{ type: 'Progressing', status: 'False', message: 'stuck' }] }),
      'False Unavailable',
    ],
    [
      'a pod was asked for just now',
      deployment('upload', {
        availableReplicas: 1,
        conditions: [{ type: 'Available', status: 'False', lastTransitionTime: ago(10) }],
      }),
      'True Available',
    ],
  ])('judge readiness by health: %s', (_, live, ready) => {
    expect(conditions({}, { deployments: [live] }).Ready).toBe(ready);
  });

  it('never are Reconciling and Stalled at once, which kstatus could not read', () => {
    const all = conditions({ course: rolledBack, obstacle: { reason: 'Unavailable', message: '', terminal: false } });
    expect([all.Reconciling, all.Stalled]).toEqual(['False Settled', 'True RolledBack']);
  });

  it('carry every violation, with its place', () => {
    const violations = [
      { setting: 'spec.a', message: 'is wrong' },
      { setting: 'spec.b', message: 'is too' },
    ];
    expect(messageOf(computeStatus(report({ violations }), seen(), undefined), 'ConfigValid')).toBe(
      'spec.a is wrong; spec.b is too',
    );
  });
});

describe('time', () => {
  const first = computeStatus(report(), seen(), undefined);

  it('of the last transition stays while the status stays, whatever the message says', () => {
    const later = computeStatus(report({ generation: 3 }), seen({ now: NOW + 60_000 }), first);
    expect(later.conditions).toEqual(first.conditions?.map((condition) => ({ ...condition, observedGeneration: 3 })));
  });

  it('of the last transition moves with the status', () => {
    const later = computeStatus(report(), seen({ now: NOW + 60_000, deployments: [] }), first);
    expect(later.conditions?.[0]).toMatchObject({ status: 'False', lastTransitionTime: '2026-01-01T12:01:00Z' });
    expect(later.conditions?.[3]).toEqual(first.conditions?.[3]);
  });
});

describe('what is not acted upon', () => {
  const before = computeStatus(report({ generation: 1 }), seen(), undefined);

  it.each<[string, Partial<Report>]>([
    ['suspended', { suspended: true }],
    [
      'a dry run',
      {
        plan: {
          generation: 2,
          adds: [],
          changes: [],
          deletes: [],
          restarts: [],
          connectionBudget: { available: 1, possible: 1 },
          problems: [],
        },
      },
    ],
  ])('is not observed: %s', (_, over) => {
    const status = computeStatus(
      report(over),
      seen({ deployments: [deployment('upload', { availableReplicas: 0 })] }),
      before,
    );
    expect(status.observedGeneration).toBe(1);
    expect(status.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'False', observedGeneration: 1 });
    expect(status.conditions?.at(-1)).toMatchObject({ type: 'Suspended', observedGeneration: 2 });
    expect(status.plan).toEqual(over.plan);
  });
});

describe('the numbers', () => {
  const autoscaler = (averageValue: string, currentReplicas: number) => ({
    metadata: { name: 'keda-hpa-demo-plan' },
    spec: { scaleTargetRef: { name: 'demo-workers-plan' } },
    status: { currentReplicas, currentMetrics: [{ external: { current: { averageValue } } }] },
  });

  it('name every Deployment and every queue', () => {
    const status = computeStatus(report(), seen({ autoscalers: [autoscaler('6500m', 4)] }), undefined);
    expect(status.components).toEqual([
      { name: 'demo-upload', desired: 2, updated: 2, ready: 2, image: 'bundler:1' },
      { name: 'demo-workers-plan', desired: 2, updated: 2, ready: 2, image: 'bundler:1' },
    ]);
    expect(status.workers).toEqual([{ queue: 'plan', desired: 2, ready: 2, scaling: 'Active', backlog: 26 }]);
    expect(status.revision).toEqual({ current: 'demo-a', lastGood: 'demo-a' });
    expect(status.summary).toEqual({ workers: '2/2', connections: '420/490' });
  });

  it('say where a rollout is and what it waits for', () => {
    const course = courseOf(rolling, [good, rolling], 'RollBack');
    const status = computeStatus(report({ course, gate: waiting('Updating', 'demo-plan: 1 of 2') }), seen(), undefined);
    expect(status.revision).toEqual({
      current: 'demo-a',
      lastGood: 'demo-a',
      updating: 'demo-b',
      step: 'Workers (3/4): demo-plan: 1 of 2',
    });
  });

  it('round the backlog and read what Kubernetes writes', () => {
    const backlog = (average: string, pods: number) =>
      computeStatus(report(), seen({ autoscalers: [autoscaler(average, pods)] }), undefined).workers?.[0]?.backlog;
    expect([backlog('1234', 1), backlog('2k', 3), backlog('0', 1), backlog('junk', 1)]).toEqual([
      1200,
      6000,
      0,
      undefined,
    ]);
  });

  it('are worth a write when they say something new; a backlog alone does not', () => {
    const status = (average: string, ready = 2) =>
      computeStatus(
        report(),
        seen({
          autoscalers: [autoscaler(average, 1)],
          deployments: [deployment('workers-plan', { readyReplicas: ready })],
        }),
        undefined,
      );
    expect(tellsMore(status('5'), undefined)).toBe(true);
    expect(tellsMore(status('5'), status('9'))).toBe(false);
    expect(tellsMore(status('5'), status('5', 1))).toBe(true);
  });

  it('do not depend on the order in which the API server wrote their fields', () => {
    const status = computeStatus(report(), seen(), undefined);
    const turned = Object.fromEntries(Object.entries(status).toReversed());
    expect(tellsMore(status, turned)).toBe(false);
  });
});
