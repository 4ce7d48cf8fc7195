import { metrics, objectives, operatorMetrics } from '@bundler/contract';
import { external } from '../external-metrics.ts';
import {
  buckets,
  changes,
  constant,
  count,
  counter,
  gauge,
  increase,
  matches,
  max,
  min,
  platform,
  quantile,
  rate,
  sum,
} from '../promql/index.ts';
import { sloMetrics } from '../slo/rules.ts';
import { type Board, cell, configs, fitted, line, logsRow, pods, scope, stat, table, timeseries } from './define.ts';

const namespaces = { namespace: scope.namespace, cluster: scope.cluster };
const bySize = ['size_category'] as const;

export const overview: Board = {
  name: 'overview',
  title: 'Bundler / Overview',
  description: 'Whether the platform keeps its promises, and where to look when it does not.',
  rows: [
    {
      title: 'How it is',
      panels: [
        stat({
          title: 'Uploads a second',
          description: 'Uploads that ended, whatever way. Good is what you expect at this hour.',
          unit: 'ops',
          queries: [line(sum([], rate(counter(metrics.uploadRequests, scope), fitted)), 'uploads')],
        }),
        stat({
          title: 'Accepted bytes',
          description: 'Bytes of accepted data items a second.',
          unit: 'Bps',
          queries: [line(sum([], rate(counter(metrics.uploadBytes, scope), fitted)), 'bytes')],
        }),
        stat({
          title: 'Least budget left',
          description:
            'Of the error budgets of 30 days, the one of which least is left. Good is above 25%: below it, change less.',
          unit: 'percentunit',
          limits: [{ value: 0.25, colour: 'red', least: true }],
          queries: [line(min([], gauge(sloMetrics.remaining, namespaces)), 'least')],
          needs: 'uploads, and the recording rules',
        }),
        stat({
          title: 'Oldest item on its way',
          description:
            'How long the item that has been longest in a state has been in it. Good is below half an hour; posts take what the network takes.',
          unit: 's',
          limits: [{ value: objectives.pipeline.itemAgeSeconds.new, colour: 'orange' }],
          queries: [line(max([], gauge(metrics.dataItemStateAge, scope)), 'oldest')],
        }),
        stat({
          title: 'Ready platforms',
          description: 'BundlerConfigs whose condition Ready is True. Good is all of them.',
          unit: 'short',
          queries: [
            line(
              sum(
                [],
                max(['namespace', 'name'], gauge(operatorMetrics.resourceReady, { ...configs, condition: 'Ready' })),
              ),
              'ready',
            ),
          ],
          needs: 'the operator, which one machine has not',
        }),
        stat({
          title: 'Alerts that fire',
          description: 'Of severity critical and warning. Good is 0.',
          unit: 'short',
          limits: [{ value: 1, colour: 'red' }],
          queries: [
            line(
              count(
                [],
                gauge(external.alerts, {
                  alertname: matches('Bundler.+'),
                  alertstate: 'firing',
                  severity: matches('critical|warning'),
                }),
              ).or(constant(0)),
              'alerts',
            ),
          ],
        }),
      ],
    },
    {
      title: 'Uploads',
      panels: [
        timeseries({
          title: 'Uploads by outcome',
          description:
            'Uploads a second by how they ended. Good is ok, and what only senders can mend; shed and server_error spend the error budget.',
          unit: 'ops',
          stacked: true,
          queries: [line(sum(['outcome'], rate(counter(metrics.uploadRequests, scope), fitted)), '{{outcome}}')],
        }),
        timeseries({
          title: 'Time to the receipt',
          description:
            '99th percentile by size. Good is below 1 s, 10 s and 300 s; the lines are those of small and medium.',
          unit: 's',
          limits: [
            { value: objectives.uploadLatency.small.p99Seconds, colour: 'orange' },
            { value: objectives.uploadLatency.medium.p99Seconds, colour: 'red' },
          ],
          queries: [line(quantile(0.99, bySize, buckets(metrics.uploadLatency, scope), fitted), '{{size_category}}')],
        }),
        timeseries({
          title: 'Jobs that wait, all queues',
          description: 'By queue, as Redis has them. Good is near 0; see the board Queues and workers.',
          unit: 'short',
          limits: [{ value: objectives.queues.backlog, colour: 'red' }],
          queries: [line(max(['queue'], gauge(metrics.queueDepth, scope)), '{{queue}}')],
        }),
      ],
    },
    {
      title: 'The way to permanence',
      panels: [
        timeseries({
          title: 'Items by state',
          description:
            'Accepted items by where they are, as PostgreSQL has them. Good is a flow: none of the open states grows without end.',
          unit: 'short',
          queries: [
            line(
              max(
                ['state'],
                gauge(metrics.dataItems, { ...scope, state: matches('new|planned|prepared|posted|seeded') }),
              ),
              '{{state}}',
            ),
          ],
        }),
        timeseries({
          title: 'Bundles that reached a state',
          description:
            'A minute. Good is that each follows the one before: planned, prepared, posted, seeded, permanent.',
          unit: 'short',
          queries: [
            line(sum(['state'], rate(counter(metrics.bundleTransitions, scope), fitted)).times(60), '{{state}}'),
          ],
        }),
        timeseries({
          title: 'Age by state',
          description: 'How long the oldest item has been in each state. The line is the limit of new, half an hour.',
          unit: 's',
          limits: [{ value: objectives.pipeline.itemAgeSeconds.new, colour: 'orange' }],
          queries: [line(max(['state'], gauge(metrics.dataItemStateAge, scope)), '{{state}}')],
        }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        timeseries({
          title: 'Processes that answer',
          description:
            'By part of the platform, as Prometheus reaches them. Good is what is wanted; API_INSTANCES and the autoscalers move it.',
          unit: 'short',
          queries: [line(sum(['component'], gauge(external.up, scope)), '{{component}}')],
        }),
        timeseries({
          title: 'Restarts',
          description:
            'Starts of processes within a quarter of an hour. Good is 0 but for rollouts; more than 2 of one process is an alert.',
          unit: 'short',
          limits: [{ value: objectives.processes.restartsIn15m, colour: 'red' }],
          queries: [line(max(['component', 'pod'], changes(gauge(external.processStart, pods), '15m')), '{{pod}}')],
        }),
        timeseries({
          title: 'Memory',
          description: 'Resident memory by process. Good is flat under load; the concurrency of a queue moves it.',
          unit: 'bytes',
          queries: [line(max(['component', 'pod'], gauge(external.processMemory, pods)), '{{pod}}')],
        }),
        timeseries({
          title: 'Pods wanted and ready',
          description: 'By Deployment. Good is that both are the same. Needs kube-state-metrics.',
          unit: 'short',
          width: 12,
          queries: [
            line(max(['deployment'], gauge(external.deploymentWanted, namespaces)), '{{deployment}} wanted'),
            line(max(['deployment'], gauge(external.deploymentReady, namespaces)), '{{deployment}} ready'),
          ],
          mayBeEmpty: 'needs kube-state-metrics',
        }),
        table({
          title: 'What runs',
          description: 'Version, commit and Node of each part. Good is one version of each part, but for a rollout.',
          unit: 'none',
          width: 12,
          queries: [
            cell(
              count([...platform, 'component', 'version', 'commit', 'node'], gauge(metrics.buildInfo, scope)),
              'processes',
            ),
          ],
        }),
      ],
    },
    {
      title: 'Alerts',
      panels: [
        {
          ...table({
            title: 'Firing alerts',
            description: 'Everything that fires or is about to. `kubectl bundler runbook ALERT` says what to do.',
            unit: 'none',
            queries: [cell(gauge(external.alerts, { alertname: matches('Bundler.+') }), 'alert')],
          }),
          kind: 'alerts',
        },
        timeseries({
          title: 'Failed jobs and items',
          description: 'In the last hour: tries of jobs that failed, and items that ended as failed. Good is 0 items.',
          unit: 'short',
          width: 24,
          queries: [
            line(
              sum([], increase(counter(metrics.jobsProcessed, { ...scope, outcome: 'failed' }), '1h')),
              'tries of jobs',
            ),
            line(sum(['reason'], increase(counter(metrics.itemsFailed, scope), '1h')), 'items: {{reason}}'),
          ],
        }),
      ],
    },
    logsRow('all parts'),
  ],
};
