import { metrics, objectives } from '@bundler/contract';
import { buckets, counter, gauge, increase, matchesNot, max, quantile, rate, share, sum } from '../promql/index.ts';
import { type Board, fitted, heatmap, line, logsRow, scope, stat, timeseries, traced } from './define.ts';

const { itemAgeSeconds } = objectives.pipeline;
const { finalityPosted } = objectives.slos;

export const bundles: Board = {
  name: 'bundles',
  title: 'Bundler / Bundles and Arweave',
  description: 'From an accepted item to permanence, and the network that carries it.',
  rows: [
    {
      title: 'Bundles',
      panels: [
        timeseries({
          title: 'Bundles by state',
          description:
            'Those on their way, and those that failed, as PostgreSQL has them. Good is a flow through the states.',
          unit: 'short',
          queries: [line(max(['state'], gauge(metrics.bundles, scope)), '{{state}}')],
        }),
        timeseries({
          title: 'Oldest item by state',
          description:
            'How long the item that has been longest in a state has been there. Lines: half an hour for new, two hours for planned and prepared; posted and seeded may take a day.',
          unit: 's',
          limits: [
            { value: itemAgeSeconds.new, colour: 'orange' },
            { value: itemAgeSeconds.planned, colour: 'red' },
          ],
          queries: [line(max(['state'], gauge(metrics.dataItemStateAge, scope)), '{{state}}')],
        }),
        timeseries({
          title: 'Time by step',
          description:
            '95th percentile of each step of a bundle: plan counts from the acceptance of its oldest item. OVERDUE_DATA_ITEM_THRESHOLD_MS moves plan, the network moves verify.',
          unit: 's',
          queries: [line(quantile(0.95, ['stage'], buckets(metrics.bundleStages, scope), fitted), '{{stage}}')],
          needs: 'bundles that made a step within the window',
        }),
        timeseries({
          title: 'Permanent items',
          description:
            'Items that became permanent a second. Good follows the uploads, later by what the network takes.',
          unit: 'ops',
          queries: [line(sum([], rate(counter(metrics.itemsPermanent, scope), fitted)), 'permanent')],
        }),
        heatmap({
          title: 'Size of bundles',
          description:
            'Bytes of planned bundles. Good is large: each costs a transaction. MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT is the most.',
          unit: 'bytes',
          queries: [line(sum(['le'], increase(buckets(metrics.bundleSize, scope), fitted)), '{{le}}')],
        }),
        timeseries({
          title: 'Items in a bundle',
          description: 'Median of planned bundles. MAX_DATA_ITEM_LIMIT is the most.',
          unit: 'short',
          queries: [line(quantile(0.5, [], buckets(metrics.bundleItems, scope), fitted), 'median')],
          needs: 'bundles that were planned within the window',
        }),
        timeseries({
          title: 'Given up',
          description:
            'In the last hour: bundles given up, steps that had to be made again, and items that ended as failed. Good is 0.',
          unit: 'short',
          queries: [
            line(sum(['reason'], increase(counter(metrics.bundleFailures, scope), '1h')), 'bundles: {{reason}}'),
            line(sum(['reason'], increase(counter(metrics.bundleSetbacks, scope), '1h')), 'again: {{reason}}'),
            line(sum(['reason'], increase(counter(metrics.itemsFailed, scope), '1h')), 'items: {{reason}}'),
          ],
        }),
      ],
    },
    {
      title: 'Promises',
      panels: [
        stat({
          title: 'Unaccounted items',
          description: 'Items with a receipt that nothing will carry on. Good is 0, and nothing else.',
          unit: 'short',
          limits: [{ value: 1, colour: 'red' }],
          queries: [line(max([], gauge(metrics.itemsUnaccounted, scope)), 'unaccounted')],
        }),
        timeseries({
          title: 'From acceptance to the post, and to permanence',
          description:
            '95th percentile. Good is a post within a quarter of an hour (the line) and permanence within a day.',
          unit: 's',
          width: 10,
          limits: [{ value: finalityPosted.withinSeconds, colour: 'orange' }],
          queries: [line(quantile(0.95, ['to'], buckets(metrics.itemFinality, scope), fitted), '{{to}}')],
          needs: 'items that were posted within the window',
        }),
        timeseries({
          title: 'Oversized items',
          description:
            'In the last hour: items larger than a bundle that were set aside, and what became of their bundles. Good is posted.',
          unit: 'short',
          width: 10,
          queries: [
            line(sum([], increase(counter(metrics.oversizedItems, scope), '1h')), 'set aside'),
            line(sum(['outcome'], increase(counter(metrics.oversizedOutcomes, scope), '1h')), '{{outcome}}'),
          ],
        }),
      ],
    },
    {
      title: 'Arweave',
      panels: [
        timeseries({
          title: 'Gateway requests',
          description:
            'A second, by gateway, operation and status; each try by itself. Good is 2xx, and 404 and 202 for what is not confirmed yet.',
          unit: 'reqps',
          queries: [
            line(
              sum(['gateway', 'op', 'code'], rate(counter(metrics.gatewayRequests, scope), fitted)),
              '{{gateway}} {{op}} {{code}}',
            ),
          ],
        }),
        timeseries({
          title: 'Answered well',
          description:
            'Share of the requests that are neither 5xx, 429, silence nor refused connections. Below half it is down.',
          unit: 'percentunit',
          max: 1,
          limits: [{ value: objectives.pipeline.gatewaySuccess, colour: 'red', least: true }],
          queries: [
            line(
              share(
                sum(
                  ['gateway'],
                  rate(
                    counter(metrics.gatewayRequests, { ...scope, code: matchesNot('5..|429|timeout|error') }),
                    fitted,
                  ),
                ),
                sum(['gateway'], rate(counter(metrics.gatewayRequests, scope), fitted)),
              ),
              '{{gateway}}',
            ),
          ],
        }),
        timeseries({
          title: 'Gateway latency',
          description: '95th percentile until it answered, by operation. ARWEAVE_NETWORK_REQUEST_TIMEOUT_MS ends it.',
          unit: 's',
          queries: [
            traced(
              quantile(0.95, ['gateway', 'op'], buckets(metrics.gatewayDurations, scope), fitted),
              '{{gateway}} {{op}}',
            ),
          ],
        }),
        timeseries({
          title: 'Chunks',
          description: 'Chunks posted a second, by result. SEED_CHUNK_CONCURRENCY moves it.',
          unit: 'ops',
          queries: [line(sum(['result'], rate(counter(metrics.chunkPosts, scope), fitted)), '{{result}}')],
        }),
      ],
    },
    logsRow('the workers of bundles'),
  ],
};
