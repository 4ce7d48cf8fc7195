import { queues as definitions, metrics, objectives } from '@bundler/contract';
import { external } from '../external-metrics.ts';
import { buckets, counter, gauge, matches, max, quantile, rate, share, sum } from '../promql/index.ts';
import { type Board, fitted, line, logsRow, scope, timeseries, traced } from './define.ts';

const { backlog, oldestJobSeconds } = objectives.queues;
const chosen = { ...scope, queue: matches('$queue') };
const by = ['queue'] as const;
const keda = { cluster: scope.cluster, exported_namespace: scope.namespace };

export const queues: Board = {
  name: 'queues',
  title: 'Bundler / Queues and workers',
  description: 'What waits, who works on it, and what fails.',
  variables: [{ name: 'queue', label: 'Queue', of: gauge(metrics.queueDepth, scope), from: 'queue' }],
  rows: [
    {
      title: 'All chosen queues',
      panels: [
        timeseries({
          title: 'Jobs that wait',
          description: `As Redis has them. Good is below ${definitions.newDataItem.maxDepth} in newDataItem and ${definitions.plan.maxDepth} in plan; the line is the backlog of ${backlog}. Concurrency and scaling.maxReplicas of the queue move it.`,
          unit: 'short',
          limits: [{ value: backlog, colour: 'red' }],
          queries: [line(max(by, gauge(metrics.queueDepth, chosen)), '{{queue}}')],
        }),
        timeseries({
          title: 'Oldest job',
          description:
            'How long the job that is taken next has waited. Good is seconds; the line is a quarter of an hour.',
          unit: 's',
          limits: [{ value: oldestJobSeconds, colour: 'red' }],
          queries: [line(max(by, gauge(metrics.queueOldestJob, chosen)), '{{queue}}')],
        }),
        timeseries({
          title: 'Jobs by state',
          description:
            'Waiting, active, delayed and failed ones. Failed ones stay for a while so that they can be looked at.',
          unit: 'short',
          queries: [line(max(['queue', 'state'], gauge(metrics.queueJobs, chosen)), '{{queue}} {{state}}')],
        }),
        timeseries({
          title: 'Jobs done',
          description: 'Tries of jobs a second by how they ended. Good is done.',
          unit: 'ops',
          queries: [
            line(
              sum(['queue', 'outcome'], rate(counter(metrics.jobsProcessed, chosen), fitted)),
              '{{queue}} {{outcome}}',
            ),
          ],
        }),
        timeseries({
          title: 'Time of a job',
          description: '99th percentile of one try, by queue. Points lead to traces where tracing is on.',
          unit: 's',
          queries: [traced(quantile(0.99, by, buckets(metrics.jobDurations, chosen), fitted), '{{queue}}')],
          needs: 'jobs within the window',
        }),
        timeseries({
          title: 'Median time of a job',
          description: 'Median of one try, by queue.',
          unit: 's',
          queries: [traced(quantile(0.5, by, buckets(metrics.jobDurations, chosen), fitted), '{{queue}}')],
          needs: 'jobs within the window',
        }),
        timeseries({
          title: 'Saturation',
          description:
            'Jobs that run, of those that may run at the same time. At 100% for long, raise the concurrency of the queue or its pods.',
          unit: 'percentunit',
          max: 1,
          queries: [
            line(
              share(
                sum(by, gauge(metrics.workerActiveJobs, chosen)),
                sum(by, gauge(metrics.workerConcurrency, chosen)),
              ),
              '{{queue}}',
            ),
          ],
        }),
        timeseries({
          title: 'Failures',
          description:
            'A second: tries that are tried again, jobs whose last try failed (dead), and jobs taken from a worker that did not answer (stalled). Good is 0.',
          unit: 'ops',
          queries: [
            line(sum(by, rate(counter(metrics.jobRetries, chosen), fitted)), '{{queue}} again'),
            line(sum(by, rate(counter(metrics.jobsDead, chosen), fitted)), '{{queue}} dead'),
            line(sum(by, rate(counter(metrics.jobsStalled, chosen), fitted)), '{{queue}} stalled'),
          ],
        }),
        timeseries({
          title: 'Put back to work',
          description:
            'Work that stood still and was put back by redrive, a second. Good is 0: what is put back lost its job.',
          unit: 'ops',
          queries: [
            line(sum(['state'], rate(counter(metrics.redriven, scope), fitted)), 'bundles {{state}}'),
            line(sum([], rate(counter(metrics.finalizationsRedriven, scope), fitted)), 'finalizations'),
            line(sum(by, rate(counter(metrics.stillRedriven, scope), fitted)), '{{queue}}'),
          ],
        }),
      ],
    },
    {
      title: '$queue',
      repeat: 'queue',
      panels: [
        timeseries({
          title: 'Depth, and jobs at once',
          description:
            'Jobs that wait, jobs that run, and jobs that may run at the same time in all processes. Good is that the first is small while the second is below the third.',
          unit: 'short',
          width: 12,
          queries: [
            line(max(by, gauge(metrics.queueDepth, chosen)), 'wait'),
            line(sum(by, gauge(metrics.workerActiveJobs, chosen)), 'run'),
            line(sum(by, gauge(metrics.workerConcurrency, chosen)), 'may run'),
          ],
        }),
        timeseries({
          title: 'In and out',
          description:
            'Jobs done a second, by how they ended. Good is that they are as many as come: the depth beside does not grow for long.',
          unit: 'ops',
          width: 12,
          queries: [line(sum(['outcome'], rate(counter(metrics.jobsProcessed, chosen), fitted)), '{{outcome}}')],
        }),
      ],
    },
    {
      title: 'What follows acceptance',
      panels: [
        timeseries({
          title: 'Nested items',
          description: 'Bundles inside of items, entries found in them, and places written, a second.',
          unit: 'ops',
          queries: [
            line(sum(['outcome'], rate(counter(metrics.unbundled, scope), fitted)), 'bundles {{outcome}}'),
            line(sum(['outcome'], rate(counter(metrics.nestedItems, scope), fitted)), 'entries {{outcome}}'),
            line(sum([], rate(counter(metrics.offsetsWritten, scope), fitted)), 'places'),
          ],
          needs: 'items that carry bundles',
        }),
        timeseries({
          title: 'Optical posts',
          description:
            'Posts to bridges and headers in them, a second, and groups that a bridge will never get. Good is taken.',
          unit: 'ops',
          queries: [
            line(
              sum(['bridge', 'outcome'], rate(counter(metrics.opticalPosts, scope), fitted)),
              '{{bridge}} {{outcome}}',
            ),
            line(
              sum(['bridge', 'outcome'], rate(counter(metrics.opticalItems, scope), fitted)),
              'headers {{bridge}} {{outcome}}',
            ),
            line(sum(['bridge', 'why'], rate(counter(metrics.opticalLost, scope), fitted)), 'lost {{bridge}} {{why}}'),
          ],
          needs: 'an optical bridge',
        }),
        timeseries({
          title: 'Clean-up',
          description: 'Objects deleted and rows forgotten a second.',
          unit: 'ops',
          queries: [
            line(sum(['reason'], rate(counter(metrics.objectsDeleted, scope), fitted)), 'objects {{reason}}'),
            line(sum(['table'], rate(counter(metrics.rowsForgotten, scope), fitted)), 'rows of {{table}}'),
          ],
        }),
        timeseries({
          title: 'What KEDA measures',
          description:
            'Values of the triggers of each ScaledObject, and whether it asks for pods. Needs the metrics of KEDA.',
          unit: 'short',
          width: 24,
          queries: [
            line(max(['scaledObject', 'metric'], gauge(external.kedaValue, keda)), '{{scaledObject}} {{metric}}'),
            line(max(['scaledObject'], gauge(external.kedaActive, keda)), '{{scaledObject}} active'),
          ],
          mayBeEmpty: 'needs KEDA',
        }),
      ],
    },
    logsRow('the workers'),
  ],
};
