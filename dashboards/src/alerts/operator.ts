import { kebabName, metrics, objectives, operatorMetrics, queues } from '@bundler/contract';
import { external } from '../external-metrics.ts';
import { counter, deriv, gauge, increase, matches, max, sum } from '../promql/index.ts';
import { type Alert, given, growing, look, steady } from './define.ts';

const { errorsIn10m } = objectives.autoscaler;
const config = ['namespace', 'name'] as const;
const operator = { config: '', component: 'operator', pod: 'operator-1' };
const ofMain = { ...operator, namespace: 'bundler', name: 'main' };
const main = { namespace: 'bundler', name: 'main' };
/** Others may use the same KEDA. */
const ofOurQueues = matches(
  `.+-(${Object.values(queues)
    .map(({ name }) => kebabName(name))
    .join('|')})`,
);
const hpa = { config: '', component: '', pod: 'kube-state-metrics-1', horizontalpodautoscaler: 'main-upload' };
const scaledObject = {
  config: '',
  component: 'keda',
  pod: 'keda-1',
  exported_namespace: 'bundler',
  scaledObject: 'main-plan',
};
const operatorLogs = {
  why: 'What the operator says (name its namespace):',
  run: 'kubectl -n "${OPERATOR_NAMESPACE:-bundler-operator}" logs --prefix --tail=200 -l app.kubernetes.io/name=bundler-operator',
};

/** The operator, and what scales. */
export const operatorAlerts: readonly Alert[] = [
  {
    name: 'BundlerConfigNotReady',
    summary: 'BundlerConfig {{ $labels.namespace }}/{{ $labels.name }} is not ready',
    description: 'Its condition Ready is not True (bundler_resource_ready is {{ $value }}).',
    team: 'bundler',
    panel: ['operator', 'Conditions'],
    rules: [
      {
        severity: 'critical',
        expr: max(config, gauge(operatorMetrics.resourceReady, { condition: 'Ready' })).equals(0),
        for: '10m',
        proof: {
          fires: [given(operatorMetrics.resourceReady, { ...ofMain, condition: 'Ready' }, steady(0))],
          labels: main,
          says: 'Its condition Ready is not True (bundler_resource_ready is 0).',
          silent: [
            [
              given(operatorMetrics.resourceReady, { ...ofMain, condition: 'Ready' }, steady(1)),
              given(operatorMetrics.resourceReady, { ...ofMain, condition: 'Stalled' }, steady(0)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'Something that the platform needs to serve is down, or a rollout does not come to its end, for ten minutes.',
      impact: 'The message of the condition says what: uploads, or a queue.',
      look: [look.status, look.doctor, operatorLogs],
      mitigation: [
        'Pods in trouble are named by `status` with their reason.',
        'After an edit: `kubectl bundler rollback "$NAME" -n "$NAMESPACE"` puts the last good revision back, where the operator has not done so.',
      ],
    },
  },
  {
    name: 'BundlerConfigDrift',
    summary: 'The operator lags behind BundlerConfig {{ $labels.namespace }}/{{ $labels.name }}',
    description: 'Its spec is {{ $value }} generations ahead of what the operator has acted upon.',
    team: 'platform',
    panel: ['operator', 'Generations'],
    rules: [
      {
        severity: 'warning',
        expr: max(config, gauge(operatorMetrics.configGeneration))
          .minus(max(config, gauge(operatorMetrics.configObservedGeneration)))
          .above(0),
        for: '15m',
        proof: {
          fires: [
            given(operatorMetrics.configGeneration, ofMain, steady(8)),
            given(operatorMetrics.configObservedGeneration, ofMain, steady(7)),
          ],
          labels: main,
          says: 'Its spec is 1 generations ahead of what the operator has acted upon.',
          silent: [
            [
              given(operatorMetrics.configGeneration, ofMain, steady(8)),
              given(operatorMetrics.configObservedGeneration, ofMain, steady(8)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'Somebody edited the BundlerConfig a quarter of an hour ago and nothing has come of it: the operator cannot read it, may not write, or does not look after this namespace.',
      impact: 'The edit has no effect. What ran goes on.',
      look: [look.status, look.doctor, operatorLogs],
      mitigation: [
        '`spec.suspend: true`: `kubectl bundler resume "$NAME" -n "$NAMESPACE"`.',
        'Rights: `kubectl bundler doctor` says which are missing. `watchNamespaces` of the chart must name the namespace.',
      ],
    },
  },
  {
    name: 'BundlerOperatorNoLeader',
    summary: 'The operator in {{ $labels.namespace }} has not one leader',
    description: '{{ $value }} of its replicas lead; it must be 1.',
    team: 'platform',
    panel: ['operator', 'Leader'],
    rules: [
      {
        severity: 'critical',
        expr: sum(['namespace'], gauge(operatorMetrics.leader)).differs(1),
        for: '5m',
        proof: {
          fires: [
            given(operatorMetrics.leader, operator, steady(0)),
            given(operatorMetrics.leader, { ...operator, pod: 'operator-2' }, steady(0)),
          ],
          labels: { namespace: 'bundler' },
          says: '0 of its replicas lead; it must be 1.',
          silent: [
            [
              given(operatorMetrics.leader, operator, steady(1)),
              given(operatorMetrics.leader, { ...operator, pod: 'operator-2' }, steady(0)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'Nobody holds the Lease, or two think that they do. Where no operator is scraped at all, BundlerTargetDown says so.',
      impact: 'Nobody acts: edits have no effect, drift stays. The platforms go on as they are.',
      look: [
        {
          why: 'Who holds the Lease, and since when:',
          run: 'kubectl -n "${OPERATOR_NAMESPACE:-bundler-operator}" get lease -o wide',
        },
        operatorLogs,
        look.doctor,
      ],
      mitigation: [
        'Pods that wait for an API server that does not answer come back with it. Else restart them: `kubectl -n "${OPERATOR_NAMESPACE:-bundler-operator}" rollout restart deployment`.',
      ],
    },
  },
  {
    name: 'BundlerAutoscalerErrors',
    summary: 'KEDA cannot scale {{ $labels.scaledObject }} of {{ $labels.exported_namespace }}',
    description: `{{ $value | humanize }} errors in 10 minutes; more than ${errorsIn10m} is no hiccup.`,
    team: 'platform',
    panel: ['operator', 'KEDA errors'],
    rules: [
      {
        severity: 'warning',
        expr: sum(
          ['exported_namespace', 'scaledObject'],
          increase(counter(external.kedaErrors, { scaledObject: ofOurQueues }), '10m'),
        ).above(errorsIn10m),
        for: '10m',
        proof: {
          fires: [given(external.kedaErrors, scaledObject, growing(0.61))],
          from: 9,
          labels: { exported_namespace: 'bundler', scaledObject: 'main-plan' },
          says: '6.1 errors in 10 minutes; more than 5 is no hiccup.',
          silent: [
            [given(external.kedaErrors, scaledObject, growing(0.49))],
            [given(external.kedaErrors, { ...scaledObject, scaledObject: 'theirs' }, growing(9))],
          ],
        },
      },
    ],
    runbook: {
      meaning: 'KEDA fails to ask Redis for the depth of a queue, or to set the number of pods.',
      impact: 'The queue keeps the workers that it has.',
      look: [
        {
          why: 'What KEDA says about it:',
          run: 'kubectl -n "$NAMESPACE" describe scaledobject -l "app.kubernetes.io/instance=$NAME" | grep -A8 -E "^Name:|Conditions:"',
        },
        look.doctor,
      ],
      mitigation: [
        'Redis that KEDA cannot reach or whose password it lacks: `redis.secretRef` and the NetworkPolicies. Until then `kubectl scale` works on the Deployments of paused ScaledObjects.',
      ],
    },
  },
  {
    name: 'BundlerAutoscalerAtMax',
    summary: '{{ $labels.horizontalpodautoscaler }} of {{ $labels.namespace }} is at its maximum while queues grow',
    description: 'It has all {{ $value }} pods that it may have, and jobs that wait become more.',
    team: 'bundler',
    panel: ['operator', 'Autoscalers at their maximum'],
    rules: [
      {
        severity: 'warning',
        expr: max(['namespace', 'horizontalpodautoscaler'], gauge(external.autoscalerCurrent))
          .atLeast(max(['namespace', 'horizontalpodautoscaler'], gauge(external.autoscalerMax)))
          .and(max(['namespace'], deriv(gauge(metrics.queueDepth), '10m')).above(0), { on: ['namespace'] }),
        for: '15m',
        proof: {
          fires: [
            given(external.autoscalerCurrent, hpa, steady(3)),
            given(external.autoscalerMax, hpa, steady(3)),
            given(metrics.queueDepth, { queue: 'plan' }, growing(10)),
          ],
          from: 1,
          labels: { namespace: 'bundler', horizontalpodautoscaler: 'main-upload' },
          says: 'It has all 3 pods that it may have, and jobs that wait become more.',
          silent: [
            [
              given(external.autoscalerCurrent, hpa, steady(2)),
              given(external.autoscalerMax, hpa, steady(3)),
              given(metrics.queueDepth, { queue: 'plan' }, growing(10)),
            ],
            [
              given(external.autoscalerCurrent, hpa, steady(3)),
              given(external.autoscalerMax, hpa, steady(3)),
              given(metrics.queueDepth, { queue: 'plan' }, steady(10)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning: 'An autoscaler of the platform cannot add pods, and some queue gets deeper. Needs kube-state-metrics.',
      impact: 'What waits will wait longer.',
      look: [{ why: 'Autoscalers with what they have and want:', run: 'kubectl -n "$NAMESPACE" get hpa' }, look.budget],
      mitigation: [
        'Raise `scaling.maxReplicas` of the queue or `upload.autoscaling.maxReplicas`, if the budget of connections allows; else the concurrency of the queue.',
      ],
      settings: ['planConcurrency', 'prepareConcurrency', 'uploadReplicas'],
    },
  },
];
