import { metrics, objectives } from '@bundler/contract';
import { buckets, counter, gauge, increase, max, quantile, rate, share, sum } from '../promql/index.ts';
import { type Board, fitted, line, logsRow, scope, stat, timeseries } from './define.ts';

const WINSTON = 1e12;
const { lowDays, emptyDays } = objectives.wallet;
const spent = (window: '1h' | '1d' | '7d') => sum([], increase(counter(metrics.spend, scope), window)).over(WINSTON);
const balance = max(['wallet'], gauge(metrics.walletBalance, scope));

export const cost: Board = {
  name: 'cost',
  title: 'Bundler / Cost',
  description: 'What permanence costs, and how long the wallet lasts.',
  rows: [
    {
      title: 'Wallet',
      panels: [
        stat({
          title: 'Balance in AR',
          description: 'What the wallet that signs bundles owns, as the gateway says.',
          unit: 'short',
          queries: [line(balance, '{{wallet}}')],
        }),
        stat({
          title: 'Days left',
          description:
            'Balance, of what a day cost on average over the last week. Good is more than a week; send AR to the address.',
          unit: 'short',
          limits: [
            { value: emptyDays, colour: 'red', least: true },
            { value: lowDays, colour: 'orange', least: true },
          ],
          queries: [line(max([], balance).over(spent('7d').over(7)), 'days')],
        }),
        stat({
          title: 'Spent in a day',
          description: 'AR that posts cost in the last day.',
          unit: 'short',
          queries: [line(spent('1d'), 'AR')],
        }),
        stat({
          title: 'Spent in an hour',
          description: 'AR that posts cost in the last hour.',
          unit: 'short',
          queries: [line(spent('1h'), 'AR')],
        }),
        timeseries({
          title: 'Balance over time',
          description: 'AR. Good is a slow slope, and steps up when it is filled.',
          unit: 'short',
          queries: [line(balance, '{{wallet}}')],
        }),
      ],
    },
    {
      title: 'Bundles',
      panels: [
        timeseries({
          title: 'Cost of a bundle',
          description:
            'Winston of the transaction, median and 95th percentile. Larger bundles cost more each and less a byte.',
          unit: 'short',
          queries: [
            line(quantile(0.5, ['kind'], buckets(metrics.bundleCost, scope), fitted), '{{kind}} p50'),
            line(quantile(0.95, ['kind'], buckets(metrics.bundleCost, scope), fitted), '{{kind}} p95'),
          ],
          mayBeEmpty: 'no bundle was posted within the window',
        }),
        timeseries({
          title: 'Price of a byte',
          description: 'Winston, as the gateway asked for the last bundle that was prepared.',
          unit: 'short',
          queries: [line(max([], gauge(metrics.pricePerByte, scope)), 'winston')],
        }),
        timeseries({
          title: 'Spent for an accepted byte',
          description:
            'Winston of posts, of the bytes accepted, over a day. Above the price of a byte it is what small bundles and packing again cost.',
          unit: 'short',
          queries: [
            line(
              share(
                sum([], increase(counter(metrics.spend, scope), '1d')),
                sum([], increase(counter(metrics.uploadBytes, scope), '1d')),
              ),
              'winston',
            ),
          ],
        }),
        timeseries({
          title: 'Refunds and unpaid items',
          description:
            'In an hour: failed items whose cost was given back, and accepted items that nobody paid for because their reservation had run out. Good is 0.',
          unit: 'short',
          queries: [
            line(sum([], increase(counter(metrics.refunds, scope), '1h')), 'given back'),
            line(sum([], increase(counter(metrics.uncollected, scope), '1h')), 'not paid'),
          ],
          mayBeEmpty: 'there is no payment service',
        }),
        timeseries({
          title: 'Spending',
          description: 'Winston a second, by kind.',
          unit: 'short',
          queries: [line(sum(['kind'], rate(counter(metrics.spend, scope), fitted)), '{{kind}}')],
        }),
      ],
    },
    logsRow('the workers that pay'),
  ],
};
