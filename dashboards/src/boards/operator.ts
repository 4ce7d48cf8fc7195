import { metrics, objectives, operatorMetrics } from '@bundler/contract';
import { external } from '../external-metrics.ts';
import { buckets, counter, gauge, increase, max, observed, quantile, rate, since, sum } from '../promql/index.ts';
import { type Board, configs, fitted, line, logsRow, operators, scope, states, timeseries } from './define.ts';

const onlyOnClusters = 'the operator, which one machine has not';
const namespaces = { cluster: scope.cluster, namespace: scope.namespace };
const keda = { cluster: scope.cluster, exported_namespace: scope.namespace };
const clustered = { needs: onlyOnClusters };

export const operator: Board = {
  name: 'operator',
  title: 'Bundler / Operator and autoscaling',
  description: 'Whether what BundlerConfigs say comes about, and who scales what.',
  rows: [
    {
      title: 'BundlerConfigs',
      panels: [
        states({
          title: 'Conditions',
          description:
            'Of each BundlerConfig, as its status says. Good is Ready and ConfigValid true; docs/operator.md says what each means.',
          unit: 'none',
          states: { 0: ['not true', 'orange'], 1: ['true', 'green'] },
          queries: [
            line(max(['name', 'condition'], gauge(operatorMetrics.resourceReady, configs)), '{{name}} {{condition}}'),
          ],
          ...clustered,
        }),
        timeseries({
          title: 'Generations',
          description: 'How many generations the operator is behind each spec. Good is 0 within seconds of an edit.',
          unit: 'short',
          width: 6,
          queries: [
            line(
              max(['name'], gauge(operatorMetrics.configGeneration, configs)).minus(
                max(['name'], gauge(operatorMetrics.configObservedGeneration, configs)),
              ),
              '{{name}}',
            ),
          ],
          ...clustered,
        }),
        timeseries({
          title: 'Live settings',
          description:
            'Generation of the live settings that each process obeys, and files of them that could not be used in 5 minutes. Good is one generation everywhere within seconds.',
          unit: 'short',
          width: 6,
          queries: [
            line(max(['component', 'pod'], gauge(metrics.liveSettingsGeneration, scope)), '{{pod}}'),
            line(sum([], increase(counter(metrics.liveSettingsErrors, scope), '5m')), 'unusable files'),
          ],
        }),
      ],
    },
    {
      title: 'Operator',
      panels: [
        timeseries({
          title: 'Reconciliations',
          description: 'A second, by how they ended. Good is ok, and none without cause.',
          unit: 'ops',
          queries: [
            line(
              sum(['queue', 'result'], rate(observed(operatorMetrics.reconciles, operators), fitted)),
              '{{queue}} {{result}}',
            ),
          ],
          ...clustered,
        }),
        timeseries({
          title: 'Time of a reconciliation',
          description: '99th percentile. Good is below 30 s (the line).',
          unit: 's',
          limits: [{ value: objectives.slos.operatorConvergence.withinSeconds, colour: 'red' }],
          queries: [
            line(quantile(0.99, ['queue'], buckets(operatorMetrics.reconciles, operators), fitted), '{{queue}}'),
          ],
          ...clustered,
        }),
        timeseries({
          title: 'Leader',
          description: '1 in the replica that acts. Good is exactly one.',
          unit: 'short',
          queries: [line(max(['pod'], gauge(operatorMetrics.leader, operators)), '{{pod}}')],
          ...clustered,
        }),
        timeseries({
          title: 'Work that waits',
          description:
            'Keys in the work queues, how long they wait (99th percentile), and how often they are put back. Good is 0.',
          unit: 'short',
          queries: [
            line(sum(['queue'], gauge(operatorMetrics.workQueueDepth, operators)), '{{queue}} keys'),
            line(
              quantile(0.99, ['queue'], buckets(operatorMetrics.workQueueWait, operators), fitted),
              '{{queue}} seconds',
            ),
            line(
              sum(['queue'], rate(counter(operatorMetrics.workQueueRetries, operators), fitted)),
              '{{queue}} put back a second',
            ),
          ],
          ...clustered,
        }),
        timeseries({
          title: 'Objects brought to the API server',
          description: 'A second, by what came of it, and objects pruned. Good is unchanged, or nothing.',
          unit: 'ops',
          queries: [
            line(sum(['result'], rate(counter(operatorMetrics.applies, operators), fitted)), '{{result}}'),
            line(sum([], rate(counter(operatorMetrics.pruned, operators), fitted)), 'pruned'),
          ],
          ...clustered,
        }),
        timeseries({
          title: 'Drift',
          description:
            'Corrections of what others changed, in an hour, by who it was, and objects left alone because somebody fights for them. Good is 0.',
          unit: 'short',
          queries: [
            line(
              sum(['kind', 'manager'], increase(counter(operatorMetrics.driftCorrected, operators), '1h')),
              '{{kind}} {{manager}}',
            ),
            line(
              sum(['kind', 'manager'], increase(counter(operatorMetrics.applyLoops, operators), '1h')),
              'fought: {{kind}} {{manager}}',
            ),
          ],
          needs: 'somebody who changes what the operator made',
        }),
        timeseries({
          title: 'Watches',
          description:
            'Lists and watches that failed, complete lists, handlers that failed (a defect) and events that could not be recorded, in an hour. Good is near 0.',
          unit: 'short',
          queries: [
            line(
              sum(['resource', 'reason'], increase(counter(operatorMetrics.watchErrors, operators), '1h')),
              '{{resource}} {{reason}}',
            ),
            line(
              sum(['resource', 'reason'], increase(counter(operatorMetrics.relists, operators), '1h')),
              'listed {{resource}} {{reason}}',
            ),
            line(
              sum(['resource'], increase(counter(operatorMetrics.handlerErrors, operators), '1h')),
              'handler {{resource}}',
            ),
            line(sum([], increase(counter(operatorMetrics.eventsFailed, operators), '1h')), 'events'),
          ],
          ...clustered,
        }),
        timeseries({
          title: 'Silence of watches',
          description:
            'How long ago the API server last said anything about each resource. Good is below some minutes.',
          unit: 's',
          queries: [line(since(max(['resource'], gauge(operatorMetrics.watchLastEvent, operators))), '{{resource}}')],
          ...clustered,
        }),
        timeseries({
          title: 'Objects in memory',
          description: 'Held by the operator, by resource. Good follows the number of platforms.',
          unit: 'short',
          queries: [line(max(['resource'], gauge(operatorMetrics.cachedObjects, operators)), '{{resource}}')],
          ...clustered,
        }),
      ],
    },
    {
      title: 'Autoscaling',
      panels: [
        timeseries({
          title: 'KEDA errors',
          description: 'Of ScaledObjects and of their triggers, in 10 minutes. Good is 0.',
          unit: 'short',
          limits: [{ value: objectives.autoscaler.errorsIn10m, colour: 'red' }],
          queries: [
            line(sum(['scaledObject'], increase(counter(external.kedaErrors, keda), '10m')), '{{scaledObject}}'),
            line(
              sum(['scaledObject', 'scaler'], increase(counter(external.kedaScalerErrors, keda), '10m')),
              '{{scaledObject}} {{scaler}}',
            ),
          ],
          mayBeEmpty: 'needs KEDA',
        }),
        timeseries({
          title: 'KEDA triggers',
          description: 'How long they take to measure, and ScaledObjects that are paused.',
          unit: 's',
          queries: [
            line(max(['scaledObject'], gauge(external.kedaLatency, keda)), '{{scaledObject}}'),
            line(max(['scaledObject'], gauge(external.kedaPaused, keda)), '{{scaledObject}} paused'),
          ],
          mayBeEmpty: 'needs KEDA',
        }),
        timeseries({
          title: 'Autoscalers at their maximum',
          description: 'Pods, of the most that there may be. At 100% with growing queues, raise the maximum.',
          unit: 'percentunit',
          max: 1,
          queries: [
            line(
              max(['horizontalpodautoscaler'], gauge(external.autoscalerCurrent, namespaces)).over(
                max(['horizontalpodautoscaler'], gauge(external.autoscalerMax, namespaces)),
              ),
              '{{horizontalpodautoscaler}}',
            ),
          ],
          mayBeEmpty: 'needs kube-state-metrics',
        }),
      ],
    },
    logsRow('the operator'),
  ],
};
