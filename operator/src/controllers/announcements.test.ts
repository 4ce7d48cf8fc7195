import { passed } from '../rollout/gate.ts';
import { courseOf } from '../rollout/machine.ts';
import type { Attempt, Revision } from '../rollout/revision.ts';
import type { Report } from '../status/report.ts';
import { announcements } from './announcements.ts';

function revision(name: string, number: number, outcome: Attempt['outcome']): Revision {
  const attempt: Attempt = { generation: number, retry: '', outcome, wave: 'Workers', since: '', message: 'it died' };
  return { name, number, spec: {}, attempt };
}
const good = revision('a', 1, 'Good');
const course = (outcome: Attempt['outcome'], onFailure: 'RollBack' | 'Hold' = 'RollBack') => {
  const target = revision('b', 2, outcome);
  return courseOf(target, [good, target], onFailure);
};
const report = (over: Partial<Report> = {}): Report => ({
  generation: 1,
  suspended: false,
  plan: undefined,
  violations: [],
  missingSecrets: [],
  connectionBudget: { available: 1, possible: 1 },
  course: courseOf(good, [good], 'RollBack'),
  lastGood: 'a',
  gate: passed,
  autoscaling: { wanted: true, kedaInstalled: true },
  liveGeneration: 1,
  obstacle: undefined,
  drift: undefined,
  ...over,
});
const said = (before: Partial<Report> | undefined, now: Partial<Report>) =>
  announcements(before && report(before), report(now)).map(({ type, reason }) => `${type} ${reason}`);
const without = { autoscaling: { wanted: true, kedaInstalled: false } };
const obstacle = { reason: 'NotOwned', message: 'x', terminal: true };

describe('announcements', () => {
  it.each<[string, Partial<Report> | undefined, Partial<Report>, string[]]>([
    ['nothing when nothing happened', {}, {}, []],
    ['nothing of how a new process finds things', undefined, {}, []],
    ['a spec that cannot be used', {}, { violations: [{ setting: 'a', message: 'b' }] }, ['Warning InvalidSpec']],
    ['a Secret that is missing', {}, { missingSecrets: ['s'] }, ['Warning SecretNotFound']],
    ['a rollout that begins', {}, { course: course('Rolling') }, ['Normal RollingOut']],
    ['a rollout that is done', { course: course('Rolling') }, { course: course('Good') }, ['Normal RolledOut']],
    ['a rollback', { course: course('Rolling') }, { course: course('Failed') }, ['Warning RolledBack']],
    [
      'a failure that is held',
      { course: course('Rolling') },
      { course: course('Failed', 'Hold') },
      ['Warning RolloutFailed'],
    ],
    ['what is in the way', {}, { obstacle }, ['Warning NotOwned']],
    ['what is in the way only once', { obstacle }, { obstacle }, []],
    ['that KEDA is missing', undefined, without, ['Warning KEDANotInstalled']],
    ['that KEDA has come', without, {}, ['Normal ScalingHandedOver']],
    ['that it is suspended', {}, { suspended: true }, ['Normal Suspended']],
    ['that it goes on', { suspended: true }, {}, ['Normal Resumed']],
  ])('tell %s', (_, before, now, expected) => {
    expect(said(before, now)).toEqual(expected);
  });
});
