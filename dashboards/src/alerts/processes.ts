import { objectives } from '@bundler/contract';
import { external } from '../external-metrics.ts';
import {
  average,
  changes,
  constant,
  counter,
  type Duration,
  gauge,
  group,
  highest,
  increase,
  isNot,
  max,
  platform,
} from '../promql/index.ts';
import { type Alert, given, gone, look, type Rule, steady, step } from './define.ts';

const { restartsIn15m, up } = objectives.processes;
const main = { namespace: 'bundler', config: 'main' };
const part = [...platform, 'component'] as const;
const process = [...part, 'pod'] as const;

/**
 * Of which platform and part a pod is, as its process said itself within the last half hour: the kubelet knows pods and no
 * platforms.
 */
const ours = group(process, highest(gauge(external.processStart, { config: isNot('') }), '30m'));
const kubelet = { config: '', component: '', pod: 'plan-1', container: 'workers' };
const plan = { component: 'workers-plan', pod: 'plan-1' };
const oomKilled = (restarts: string, reason: 'OOMKilled' | 'Error' = 'OOMKilled') => [
  given(external.containerLastEnd, { ...kubelet, reason }, steady(1)),
  given(external.containerRestarts, kubelet, restarts),
  given(external.processStart, plan, steady(1)),
];

/** Fewer than half of a part answer. */
const partDown: Rule = {
  severity: 'critical',
  expr: average(part, gauge(external.up, { config: isNot('') })).below(up),
  for: '5m',
  labels: { reason: 'silent' },
  proof: {
    fires: [
      given(external.up, {}, steady(0)),
      given(external.up, { pod: 'upload-2' }, steady(0)),
      given(external.up, { pod: 'upload-3' }, steady(1)),
    ],
    labels: { ...main, component: 'upload' },
    says: '33.33% of its processes answer; below 50% this is an outage.',
    silent: [[given(external.up, {}, steady(0)), given(external.up, { pod: 'upload-2' }, steady(1))]],
  },
};

/** A part that was there is not known any more. Workers are left out: autoscalers may leave none of them. */
function partGone(component: 'upload' | 'operator', remembered: Duration): Rule {
  const one = (values: string) => [given(external.up, { component, pod: 'one' }, values)];
  return {
    severity: 'critical',
    description: `Prometheus knows none of its processes, and did within the last ${remembered}.`,
    expr: group(part, highest(gauge(external.up, { component }), remembered)).unless(
      group(part, gauge(external.up, { component })),
    ),
    for: '5m',
    labels: { reason: 'gone', component },
    proof: {
      fires: one(gone(1, 3)),
      from: 3,
      labels: { ...main, component },
      says: `Prometheus knows none of its processes, and did within the last ${remembered}.`,
      silent: [one(steady(1)), one(steady(0))],
    },
  };
}

/** Processes that come and go. */
export const processAlerts: readonly Alert[] = [
  {
    name: 'BundlerPodRestarts',
    inPlan: true,
    summary: '{{ $labels.pod }} of {{ $labels.namespace }}/{{ $labels.config }} starts again and again',
    description: `It started {{ $value | humanize }} times in 15 minutes; more than ${restartsIn15m} is too often.`,
    team: 'bundler',
    panel: ['overview', 'Restarts'],
    rules: [
      {
        severity: 'warning',
        expr: max(process, changes(gauge(external.processStart), '15m')).above(restartsIn15m),
        for: '5m',
        labels: { seen_by: 'process' },
        proof: {
          fires: [given(external.processStart, {}, '0 1 2 3+0x240')],
          from: 3,
          labels: { ...main, component: 'upload', pod: 'upload-1' },
          says: 'It started 3 times in 15 minutes; more than 2 is too often.',
          silent: [[given(external.processStart, {}, '0 1 2+0x240')]],
        },
      },
      {
        severity: 'warning',
        // One that dies before it is scraped is seen by the kubelet alone.
        expr: max(['namespace', 'pod'], increase(counter(external.containerRestarts), '15m'))
          .above(restartsIn15m)
          .joined(ours, ['namespace', 'pod'], ['config', 'component']),
        for: '5m',
        labels: { seen_by: 'kubelet' },
        proof: {
          fires: [
            given(external.containerRestarts, kubelet, step(0, 10, 4)),
            given(external.processStart, plan, steady(1)),
          ],
          from: 10,
          labels: { ...main, ...plan },
          says: 'It started 4 times in 15 minutes; more than 2 is too often.',
          silent: [
            [given(external.containerRestarts, kubelet, step(0, 10, 2)), given(external.processStart, plan, steady(1))],
            // Somebody else's pod.
            [
              given(external.containerRestarts, kubelet, step(0, 10, 4)),
              given(external.processStart, { ...plan, config: '' }, steady(1)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'A process ends and is started again: it crashes, is killed for its memory, or its liveness probe fails. The plan watched this as the stability of PM2 processes. What the processes say themselves is enough; kube-state-metrics adds those that die before they are scraped.',
      impact: 'What it was doing is done again by another. With several at once the platform is slow or away.',
      look: [
        look.status,
        {
          why: 'Why containers ended last (exit code 137 is killed, most often for its memory):',
          run: 'kubectl -n "$NAMESPACE" describe pods -l "app.kubernetes.io/instance=$NAME" | grep -A6 "Last State"',
        },
        {
          why: 'The last words of the process before (on one machine: `make logs`):',
          run: 'kubectl -n "$NAMESPACE" logs --previous --tail=100 -l "app.kubernetes.io/instance=$NAME" --prefix',
        },
      ],
      mitigation: [
        'After an edit: the operator goes back by itself; `kubectl bundler rollback "$NAME" -n "$NAMESPACE"` does it by hand.',
        'Killed for its memory: see BundlerPodOomKilled.',
      ],
      settings: ['planConcurrency', 'prepareConcurrency', 'seedConcurrency'],
    },
  },
  {
    name: 'BundlerPodOomKilled',
    summary: '{{ $labels.pod }} of {{ $labels.namespace }}/{{ $labels.config }} is killed for its memory',
    description:
      'It was killed, and started {{ $value | humanize }} times in 15 minutes. Its limit is too low for what it does at once.',
    team: 'bundler',
    panel: ['overview', 'Memory'],
    rules: [
      {
        severity: 'critical',
        expr: max(['namespace', 'pod'], increase(counter(external.containerRestarts), '15m'))
          .above(0)
          .and(max(['namespace', 'pod'], gauge(external.containerLastEnd, { reason: 'OOMKilled' })).above(0))
          .joined(ours, ['namespace', 'pod'], ['config', 'component']),
        for: '1m',
        proof: {
          fires: oomKilled(step(0, 10, 1)),
          from: 10,
          labels: { ...main, ...plan },
          says: 'It was killed, and started 1 times in 15 minutes. Its limit is too low for what it does at once.',
          silent: [oomKilled(steady(5)), oomKilled(step(0, 10, 1), 'Error')],
        },
      },
    ],
    runbook: {
      meaning: 'The kernel killed a container at its memory limit. Needs kube-state-metrics.',
      impact: 'Its jobs or uploads are cut and done again. It will happen again with the same load.',
      look: [
        look.budget,
        {
          why: 'What the pods use now:',
          run: 'kubectl -n "$NAMESPACE" top pods -l "app.kubernetes.io/instance=$NAME"',
        },
        {
          why: 'Their limits:',
          run: 'kubectl -n "$NAMESPACE" get pods -l "app.kubernetes.io/instance=$NAME" -o custom-columns=POD:.metadata.name,LIMIT:.spec.containers[*].resources.limits.memory',
        },
      ],
      mitigation: [
        'Raise `resources.limits.memory` of the part in the BundlerConfig; `kubectl bundler budget` compares what its jobs need with it.',
        'Or lower the concurrency of its queue, which is live and needs no new pod.',
      ],
      settings: [
        'planConcurrency',
        'prepareConcurrency',
        'seedConcurrency',
        'finalizeUploadConcurrency',
        'oversizedDataItemConcurrency',
      ],
    },
  },
  {
    name: 'BundlerTargetDown',
    summary: 'The part {{ $labels.component }} does not answer Prometheus',
    description: `{{ $value | humanizePercentage }} of its processes answer; below ${up * 100}% this is an outage.`,
    team: 'platform',
    panel: ['overview', 'Processes that answer'],
    rules: [partDown, partGone('upload', '6h'), partGone('operator', '1d')],
    runbook: {
      meaning:
        'Scrapes fail, or there is nothing to scrape: the processes are away, hang, or Prometheus cannot reach or find them. After a platform or the operator was removed on purpose it fires for some hours: silence it.',
      impact: 'Unknown: without metrics no other alert of that part can fire.',
      look: [
        look.status,
        {
          why: 'Whether Prometheus is told about the pods:',
          run: 'kubectl -n "$NAMESPACE" get podmonitor "$NAME-metrics" -o yaml',
        },
        {
          why: 'Whether a pod answers:',
          run: 'kubectl -n "$NAMESPACE" port-forward "deploy/$NAME-upload" 9100:admin & sleep 2\ncurl -s http://127.0.0.1:9100/bundler_metrics | head -n 3',
        },
      ],
      mitigation: [
        'Pods that are away: see their events and BundlerConfigNotReady.',
        'Pods that answer: `networkPolicy.monitoring` must name the namespace of Prometheus, and `observability.monitorLabels` what its selector wants.',
      ],
    },
  },
  {
    name: 'BundlerWatchdog',
    summary: 'The chain of alerts works',
    description:
      'This alert always fires (its value is {{ $value }}). Whoever receives it should be alarmed when it stops coming.',
    team: 'platform',
    panel: ['overview', 'Firing alerts'],
    rules: [
      {
        severity: 'none',
        expr: constant(1),
        proof: {
          fires: [given(external.up, {}, steady(1))],
          labels: {},
          says: 'This alert always fires (its value is 1). Whoever receives it should be alarmed when it stops coming.',
          silent: 'never',
        },
      },
    ],
    runbook: {
      meaning:
        "A heartbeat from Prometheus through Alertmanager to a receiver that expects it, such as a dead man's switch.",
      impact: 'None while it fires. When it stops, no alert reaches anybody.',
      look: [
        {
          why: 'Whether Prometheus evaluates it:',
          run: 'promtool query instant "${PROMETHEUS:-http://127.0.0.1:9090}" \'ALERTS{alertname="BundlerWatchdog"}\'',
        },
        {
          why: 'Whether Alertmanager has it:',
          run: 'amtool --alertmanager.url "${ALERTMANAGER:-http://127.0.0.1:9093}" alert query BundlerWatchdog',
        },
      ],
      mitigation: [
        'Follow it: rules loaded, Alertmanager named in the configuration of Prometheus, its route to the receiver.',
      ],
    },
  },
];
