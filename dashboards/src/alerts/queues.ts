import { metrics, objectives, type QueueDefinition, queues } from '@bundler/contract';
import { counter, gauge, increase, matchesNot, max, oneOf, platform, rate, sum } from '../promql/index.ts';
import { type Alert, given, growing, look, type Rule, steady, step } from './define.ts';

const { backlog, oldestJobSeconds } = objectives.queues;
const queue = [...platform, 'queue'] as const;
const plan = { namespace: 'bundler', config: 'main', queue: 'plan' };
const definitions: readonly QueueDefinition<never>[] = Object.values(queues);

/** Queues whose next job the clock adds, whatever became of the one before. Whether redrive gets through is the question itself. */
const addedByClock = definitions
  .filter(({ name, scheduled }) => scheduled && name !== queues.redrive.name)
  .map(({ name }) => name);
/** A clean-up that fails each hour is to be seen as one that goes on failing. */
const BETWEEN_CLEANUPS = '70m';
const dead = (name: string, values: string) =>
  given(metrics.jobsDead, { queue: name, component: 'workers', pod: 'workers-1' }, values);
const redriven = (values: string) =>
  given(
    metrics.jobsProcessed,
    { queue: queues.redrive.name, outcome: 'done', component: 'workers-redrive', pod: 'redrive-1' },
    values,
  );

/** What each queue should stay below, and the queues that have the same target. */
const targets = [...new Set(definitions.map(({ maxDepth }) => maxDepth))].sort((a, b) => a - b);

/** More jobs wait than should, in one of the queues with this target. */
function aboveTarget(target: number): Rule {
  const names = definitions.filter(({ maxDepth }) => maxDepth === target).map(({ name }) => name);
  const [first = ''] = names;
  return {
    severity: 'warning',
    expr: max(queue, gauge(metrics.queueDepth, { queue: oneOf(names) })).above(target),
    for: '15m',
    labels: { target: String(target) },
    description: `{{ $value | humanize }} jobs wait; ${target} should be the most of them. ${GUIDE}`,
    proof: {
      fires: [given(metrics.queueDepth, { queue: first }, steady(target + 1))],
      labels: { namespace: 'bundler', config: 'main', queue: first },
      says: `${target + 1} jobs wait; ${target} should be the most of them. ${GUIDE}`,
      silent: [definitions.map(({ name }) => given(metrics.queueDepth, { queue: name }, steady(target)))],
    },
  };
}
const GUIDE = `The monitoring guide wants fewer than ${queues.newDataItem.maxDepth} in newDataItem and ${queues.plan.maxDepth} in plan; every queue has such a number.`;

const workersOf: Alert['runbook']['look'] = [
  look.status,
  look.metrics('^queue_'),
  {
    why: "What the queue's workers say (write the name of the queue's Deployment; on one machine: `make logs NAME=workers`):",
    run: 'kubectl -n "$NAMESPACE" logs --prefix --tail=200 "deployment/$NAME-${QUEUE:-plan}"',
  },
];

/** What waits, and what does not move. */
export const queueAlerts: readonly Alert[] = [
  {
    name: 'BundlerQueueBacklog',
    inPlan: true,
    summary: 'Queue {{ $labels.queue }} of {{ $labels.namespace }}/{{ $labels.config }} has a backlog',
    description: `{{ $value | humanize }} jobs wait, more than ${backlog}.`,
    team: 'bundler',
    panel: ['queues', 'Jobs that wait'],
    rules: [
      {
        severity: 'critical',
        expr: max(queue, gauge(metrics.queueDepth)).above(backlog),
        for: '5m',
        proof: {
          fires: [
            given(metrics.queueDepth, { queue: 'plan' }, steady(1001)),
            // Every API reports the same queue: two of them are no two backlogs.
            given(metrics.queueDepth, { queue: 'plan', pod: 'upload-2' }, steady(1001)),
          ],
          labels: plan,
          says: '1.001k jobs wait, more than 1000.',
          silent: [
            [
              given(metrics.queueDepth, { queue: 'plan' }, steady(1000)),
              given(metrics.queueDepth, { queue: 'plan', pod: 'upload-2' }, steady(1000)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'More than a thousand jobs of one queue have waited for five minutes: its workers are too few, too slow, or away.',
      impact: 'Receipts are still given and kept. What follows acceptance is late: bundles, posts, permanence.',
      look: workersOf,
      mitigation: [
        'No workers: see their pods and KEDA (`kubectl bundler doctor`). Workers that fail: BundlerJobsDead says so.',
        'Workers that are busy: raise the concurrency of the queue, which is live, or its `scaling.maxReplicas`.',
        'A queue that stands on purpose (`workers.<queue>.paused`) is let go by `kubectl bundler resume`.',
      ],
      settings: [
        'planConcurrency',
        'prepareConcurrency',
        'postConcurrency',
        'newDataItemConcurrency',
        'verifyConcurrency',
      ],
    },
  },
  {
    name: 'BundlerQueueAboveTarget',
    inPlan: true,
    summary: 'Queue {{ $labels.queue }} of {{ $labels.namespace }}/{{ $labels.config }} is deeper than it should be',
    description: GUIDE,
    team: 'bundler',
    panel: ['queues', 'Jobs that wait'],
    rules: targets.map(aboveTarget) as [Rule, ...Rule[]],
    runbook: {
      meaning:
        'A queue has been deeper than its own target for a quarter of an hour. The targets are in docs/reference/queues.md under "Deep from".',
      impact: 'None yet for who uploads: this is the warning before BundlerQueueBacklog.',
      look: workersOf,
      mitigation: ['As for BundlerQueueBacklog, with more time.'],
      settings: ['planConcurrency', 'newDataItemConcurrency'],
    },
  },
  {
    name: 'BundlerQueueStuck',
    summary: 'Queue {{ $labels.queue }} of {{ $labels.namespace }}/{{ $labels.config }} does not move',
    description: '{{ $value | humanize }} jobs wait, and not one has been worked on for 10 minutes.',
    team: 'bundler',
    panel: ['queues', 'Jobs done'],
    rules: [
      {
        severity: 'critical',
        expr: max(queue, gauge(metrics.queueDepth))
          .above(0)
          .unless(sum(queue, rate(counter(metrics.jobsProcessed), '10m')).above(0)),
        for: '10m',
        proof: {
          fires: [
            given(metrics.queueDepth, { queue: 'plan' }, steady(1)),
            given(
              metrics.jobsProcessed,
              { queue: 'plan', outcome: 'done', component: 'workers-plan', pod: 'plan-1' },
              steady(7),
            ),
          ],
          labels: plan,
          says: '1 jobs wait, and not one has been worked on for 10 minutes.',
          silent: [
            [
              given(metrics.queueDepth, { queue: 'plan' }, steady(1)),
              given(
                metrics.jobsProcessed,
                { queue: 'plan', outcome: 'done', component: 'workers-plan', pod: 'plan-1' },
                growing(1),
              ),
            ],
            [given(metrics.queueDepth, { queue: 'plan' }, steady(0))],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'Jobs wait and nobody works on them: no worker runs, the queue is paused, or every worker hangs. It fires too when the workers are not scraped at all.',
      impact: 'What the queue does has stopped. Nothing is lost: what stands still is in PostgreSQL.',
      look: workersOf,
      mitigation: [
        'Paused: `kubectl bundler resume "$NAME" <queue> -n "$NAMESPACE"`.',
        'No pods: KEDA or the Deployment cannot make them; `kubectl bundler doctor` says what it lacks.',
        'Pods that hang: `kubectl bundler restart "$NAME" <component> -n "$NAMESPACE"`; their jobs go to others.',
      ],
      settings: ['planPaused', 'preparePaused', 'postPaused'],
    },
  },
  {
    name: 'BundlerQueueOldestJobAge',
    summary: 'A job of queue {{ $labels.queue }} of {{ $labels.namespace }}/{{ $labels.config }} has waited too long',
    description: `It has waited for {{ $value | humanizeDuration }}, longer than ${oldestJobSeconds / 60}m.`,
    team: 'bundler',
    panel: ['queues', 'Oldest job'],
    rules: [
      {
        severity: 'warning',
        expr: max(queue, gauge(metrics.queueOldestJob)).above(oldestJobSeconds),
        for: '5m',
        proof: {
          fires: [given(metrics.queueOldestJob, { queue: 'plan' }, steady(901))],
          labels: plan,
          says: 'It has waited for 15m 1s, longer than 15m.',
          silent: [[given(metrics.queueOldestJob, { queue: 'plan' }, steady(900))]],
        },
      },
    ],
    runbook: {
      meaning:
        'The job that is taken next has been in the queue for more than a quarter of an hour. Unlike depth this does not depend on how many jobs one upload makes.',
      impact: 'Everything behind it is at least as late.',
      look: workersOf,
      mitigation: [
        'As for BundlerQueueBacklog. A few old jobs in a shallow queue mean workers that are away, not workers that are slow.',
      ],
      settings: ['planConcurrency', 'redriveInterval'],
    },
  },
  {
    name: 'BundlerJobsDead',
    summary:
      'Work of queue {{ $labels.queue }} of {{ $labels.namespace }}/{{ $labels.config }} fails and is not done later',
    description:
      'The last try of {{ $value | humanize }} jobs failed within 30 minutes, and nobody takes their work up again: no round of redrive has ended well for 10 minutes.',
    team: 'bundler',
    panel: ['queues', 'Failures'],
    rules: [
      {
        severity: 'critical',
        expr: sum(queue, increase(counter(metrics.jobsDead, { queue: matchesNot(addedByClock.join('|')) }), '30m'))
          .above(0)
          .unless(
            sum(
              platform,
              increase(counter(metrics.jobsProcessed, { queue: queues.redrive.name, outcome: 'done' }), '10m'),
            ).above(0),
            { on: platform },
          ),
        for: '5m',
        proof: {
          fires: [dead('post', step(0, 5, 1)), redriven(steady(7))],
          from: 5,
          labels: { ...plan, queue: 'post' },
          says: 'The last try of 1 jobs failed within 30 minutes, and nobody takes their work up again: no round of redrive has ended well for 10 minutes.',
          silent: [
            // A short outage: redrive adds the work again.
            [dead('post', step(0, 5, 1)), redriven(growing(2))],
            [dead('post', steady(3)), redriven(steady(7))],
            [...addedByClock.map((name) => dead(name, step(0, 5, 1))), redriven(steady(7))],
          ],
        },
      },
      {
        severity: 'warning',
        description:
          'The last try of {{ $value | humanize }} jobs failed within 70 minutes, and so it goes for two hours. Their work is taken up again, and fails again.',
        expr: sum(queue, increase(counter(metrics.jobsDead), BETWEEN_CLEANUPS)).above(0),
        for: '2h',
        proof: {
          fires: [dead('unbundle-bdi', growing(1)), redriven(growing(2))],
          from: 1,
          labels: { ...plan, queue: 'unbundle-bdi' },
          says: 'The last try of 70 jobs failed within 70 minutes, and so it goes for two hours. Their work is taken up again, and fails again.',
          silent: [
            // An outage of three quarters of an hour.
            [dead('unbundle-bdi', `0+1x45 45+0x195`)],
            [dead('unbundle-bdi', steady(3))],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'A job has used up its tries. By that alone nothing is lost: what it was to do stands in PostgreSQL, `redrive` adds the jobs of most queues again a minute later, and the clock those of plan, verify, redrive and cleanup. So a short outage leaves dead jobs and nothing to do. **critical**: `redrive` does not get through, so that nobody takes the work up. **warning**: it is taken up and fails again, for two hours; something is wrong with the work itself, or with what it needs.',
      impact:
        'Work stands, or is done in vain again and again: items get no further, uploads in parts get no receipt, nested items are not found, payments are not settled. What waits is kept for as long as it takes, but for headers that are older than OPTICAL_MAX_AGE_MS. The one thing that is never done later is to copy new bytes into the cache: they are read from the object store instead.',
      look: [
        {
          why: 'Whether redrive runs, and what it says (on one machine: `make logs NAME=workers`):',
          run: 'kubectl -n "$NAMESPACE" logs --prefix --tail=500 "deployment/$NAME-redrive" | grep -E \'"level":(40|50)\'',
        },
        {
          why: 'The failed jobs of the queue with their reasons, where the admin service is on:',
          run: 'kubectl bundler queue "$NAME" "${QUEUE:-plan}" -n "$NAMESPACE"',
        },
        {
          why: "The error of the job, in the log of its workers (write the name of the queue's Deployment):",
          run: 'kubectl -n "$NAMESPACE" logs --prefix --tail=1000 "deployment/$NAME-${QUEUE:-plan}" | grep -E \'"level":(40|50)\'',
        },
        look.status,
      ],
      mitigation: [
        '`redrive` is paused: `kubectl bundler resume "$NAME" redrive -n "$NAMESPACE"`. It has no pod or its rounds fail: mend what its log names. Then everything is taken up by itself.',
        '`redrive` runs: the log of the queue names the cause, which is the gateway, the object store, PostgreSQL, or bytes that cannot be read. Mend that; the work comes back by itself.',
        'One and the same piece of work each time: `kubectl bundler trace` with its id tells where it stands. Report it; the others do not wait for it.',
        'A REDRIVE_INTERVAL_MS of more than ten minutes makes this fire while all is well.',
      ],
      settings: ['redriveAfter', 'redriveInterval', 'redrivePaused', 'opticalMaxAge'],
    },
  },
];
