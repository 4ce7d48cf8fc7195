import { TEMPLATE_HASH } from '../render/hash.ts';
import { type DeploymentTrial, deploymentGate } from './deployment-gate.ts';
import { failed, type LiveDeployment, type LiveJob, type LivePod, passed, together, waiting } from './gate.ts';
import { jobGate } from './job-gate.ts';

const START = Date.parse('2026-01-01T00:00:00.400Z');
const at = (seconds: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000).toISOString();
const trial: DeploymentTrial = {
  name: 'demo-plan',
  templateHash: 'new',
  since: START,
  progressDeadline: 60_000,
  now: START + 30_000,
};

function deployment(
  status: LiveDeployment['status'] = {},
  over: { hash?: string; replicas?: number } = {},
): LiveDeployment {
  return {
    metadata: { name: 'demo-plan', generation: 4 },
    spec: {
      replicas: over.replicas ?? 2,
      template: { metadata: { annotations: { [TEMPLATE_HASH]: over.hash ?? 'new' } } },
    },
    status: { observedGeneration: 4, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...status },
  };
}
const stuck = (lastUpdateTime: string) =>
  deployment({
    updatedReplicas: 1,
    conditions: [
      {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: 'timed out',
        lastUpdateTime,
      },
    ],
  });
const pod = (restartCount: number, finishedAt: string, hash = 'new'): LivePod => ({
  metadata: { name: 'demo-plan-x', annotations: { [TEMPLATE_HASH]: hash } },
  status: {
    containerStatuses: [
      {
        name: 'workers-plan',
        restartCount,
        lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt } },
      },
    ],
  },
});

describe('deploymentGate', () => {
  it.each<[string, LiveDeployment | undefined, LivePod[], string]>([
    ['passes when every pod is new and available', deployment(), [], 'Passed'],
    [
      'passes at zero pods when none are wanted',
      deployment({ replicas: 0, updatedReplicas: 0, availableReplicas: 0 }, { replicas: 0 }),
      [],
      'Passed',
    ],
    ['waits for a Deployment that is not there', undefined, [], 'NotCreated'],
    ['waits while the old template is still in place', deployment({}, { hash: 'old' }), [], 'NotApplied'],
    ['waits for the controller to see the change', deployment({ observedGeneration: 3 }), [], 'NotObserved'],
    ['waits for new pods', deployment({ updatedReplicas: 1 }), [], 'Updating'],
    ['waits for old pods to go', deployment({ replicas: 3 }), [], 'Retiring'],
    ['waits for pods to have been up long enough', deployment({ availableReplicas: 1 }), [], 'NotAvailable'],
    ['fails when Kubernetes says that it stands still', stuck(at(20)), [], 'ProgressDeadlineExceeded'],
    ['does not hold an older verdict against a new attempt', stuck(at(-5)), [], 'Updating'],
    ['fails when a container keeps dying', deployment({ availableReplicas: 1 }), [pod(3, at(10))], 'CrashLoop'],
    ['waits out a container that died twice', deployment({ availableReplicas: 1 }), [pod(2, at(10))], 'NotAvailable'],
    ['does not count deaths before the attempt', deployment(), [pod(9, at(-1))], 'Passed'],
    ['does not count deaths of the old revision', deployment(), [pod(9, at(10), 'old')], 'Passed'],
  ])('%s', (_, live, pods, expected) => {
    const gate = deploymentGate(trial, live, pods);
    expect(gate.state === 'Passed' ? 'Passed' : gate.reason).toBe(expected);
  });

  it('counts a verdict of the second in which the attempt began', () => {
    expect(deploymentGate(trial, stuck(at(0)), [])).toEqual(failed('ProgressDeadlineExceeded', 'timed out'));
  });

  it('holds an old verdict against an attempt that had as long itself', () => {
    const late = { ...trial, now: START + 60_001 };
    expect(deploymentGate(late, stuck(at(-5)), []).state).toBe('Failed');
  });

  it('says which container died, how often and how', () => {
    expect(deploymentGate(trial, deployment(), [pod(4, at(10))])).toEqual(
      failed(
        'CrashLoop',
        'container workers-plan of pod demo-plan-x was restarted 4 times, last after OOMKilled with exit code 137',
      ),
    );
  });
});

describe('jobGate', () => {
  const trial = { name: 'migrate', since: START, progressDeadline: 60_000, now: START + 60_000 };
  const late = { ...trial, now: START + 60_001 };
  const metadata = { name: 'migrate' };
  const job = (type: string, message?: string): LiveJob => ({
    metadata,
    status: { conditions: [{ type, status: 'True', ...(message && { message }) }] },
  });
  const unpullable: LivePod = {
    metadata: { name: 'migrate-x' },
    status: {
      containerStatuses: [
        {
          name: 'migrations',
          restartCount: 0,
          state: { waiting: { reason: 'ImagePullBackOff', message: 'no such tag' } },
        },
      ],
    },
  };

  it.each([
    ['there is no Job', undefined, 'NotCreated'],
    ['it has not started', { metadata }, 'MigrationStarting'],
    ['it runs', { metadata, status: { ready: 1 } }, 'Migrating'],
    ['it failed', job('Failed', 'back-off limit'), 'MigrationFailed'],
  ])('says so when %s', (_, live, reason) => {
    expect(jobGate(trial, live, [])).toMatchObject({ reason });
  });

  it('passes when the Job is complete, however late', () => expect(jobGate(late, job('Complete'), [])).toBe(passed));

  it.each([{ ready: 1 }, { ready: 0, failed: 2 }])(
    'lets one that runs, or is tried again, take its time: %j',
    (status) => {
      expect(jobGate(late, { metadata, status }, [])).toMatchObject({ state: 'Waiting', reason: 'Migrating' });
    },
  );

  it('fails one whose pods cannot start, when the deadline is over, and says what they wait for', () => {
    expect(jobGate(trial, { metadata }, [unpullable]).state).toBe('Waiting');
    expect(jobGate(late, { metadata }, [unpullable])).toEqual(
      failed(
        'MigrationNotStarted',
        'no pod of Job migrate has come to run: container migrations of pod migrate-x waits, ImagePullBackOff (no such tag)',
      ),
    );
  });
});

describe('together', () => {
  const [wait, fail] = [waiting('Updating', 'a'), failed('CrashLoop', 'b')];
  it('fails with one failure, waits with one that waits, passes with none', () => {
    expect(together([passed, wait, fail])).toBe(fail);
    expect(together([passed, wait])).toBe(wait);
    expect(together([])).toEqual(passed);
  });
});
