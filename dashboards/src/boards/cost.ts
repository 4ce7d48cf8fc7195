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
  description: 'What permanence costs, how long the wallet lasts, and whether the money adds up.',
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
          needs: 'bundles that became permanent within the window',
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
        }),
        timeseries({
          title: 'Spending',
          description: 'Winston a second, by kind.',
          unit: 'short',
          queries: [line(sum(['kind'], rate(counter(metrics.spend, scope), fitted)), '{{kind}}')],
        }),
      ],
    },
    {
      title: 'Payments',
      panels: [
        stat({
          title: 'Ledger',
          description: 'Winc that do not add up. Good is 0, always.',
          unit: 'short',
          limits: [{ value: 1, colour: 'red' }],
          queries: [line(max(['check'], gauge(metrics.ledgerImbalance, scope)), '{{check}}')],
          needs: 'the payment service',
        }),
        stat({
          title: 'Age of prices',
          description:
            'How old the price of the gateway and the rates are. Above MAX_STALE_AR_PRICE_MS nothing is sold.',
          unit: 's',
          limits: [{ value: objectives.payment.priceAgeSeconds, colour: 'orange' }],
          queries: [line(max(['of'], gauge(metrics.priceAge, scope)), '{{of}}')],
          needs: 'the payment service',
        }),
        timeseries({
          title: 'Credits',
          description:
            'Winc by the kind of account: what can be spent, is reserved, was earned; issued is what came in, below zero.',
          unit: 'short',
          queries: [line(max(['kind'], gauge(metrics.creditsHeld, scope)), '{{kind}}')],
          needs: 'the payment service, and anybody with credits',
        }),
        timeseries({
          title: 'Reservations',
          description: 'Neither captured nor released. Good is as many as there are uploads under way.',
          unit: 'short',
          queries: [line(max([], gauge(metrics.reservationsOpen, scope)), 'open')],
          needs: 'the payment service',
        }),
        timeseries({
          title: 'Oldest reservation',
          description: 'Good is below PAYMENT_RESERVATION_TTL_MS, after which it is looked into.',
          unit: 's',
          queries: [line(max([], gauge(metrics.reservationAge, scope)), 'oldest')],
          needs: 'the payment service',
        }),
        timeseries({
          title: 'Pending top-ups',
          description:
            'How long the first transaction that is not confirmed is known, by token. Good is below three hours.',
          unit: 's',
          limits: [{ value: objectives.payment.topUpAgeSeconds, colour: 'orange' }],
          queries: [line(max(['token'], gauge(metrics.topUpAge, scope)), '{{token}}')],
          needs: 'transactions that were told to the payment service',
        }),
        timeseries({
          title: 'Top-ups',
          description: 'Transactions in a day, by token and what became of them, and those that wait.',
          unit: 'short',
          queries: [
            line(max(['token', 'state'], increase(counter(metrics.topUps, scope), '1d')), '{{token}} {{state}}'),
            line(max(['token'], gauge(metrics.topUpsPending, scope)), '{{token}} pending'),
          ],
          needs: 'transactions that were told to the payment service',
        }),
        timeseries({
          title: 'Bought credits',
          description: 'Winc in a day, by token.',
          unit: 'short',
          queries: [line(max(['token'], increase(counter(metrics.topUpWinc, scope), '1d')), '{{token}}')],
          needs: 'transactions that were told to the payment service',
        }),
        timeseries({
          title: 'Payments by x402',
          description:
            'In a day, by what became of them, and those of which nobody has found out yet whether they were carried out. Good is none of these.',
          unit: 'short',
          queries: [
            line(sum(['outcome'], increase(counter(metrics.x402Payments, scope), '1d')), '{{outcome}}'),
            line(max([], gauge(metrics.x402Unclear, scope)), 'to be looked up'),
          ],
          needs: 'the payment service',
        }),
        timeseries({
          title: 'Outbox',
          description:
            'How long the first of what is written down and not done has waited, by kind. Good is below ten minutes.',
          unit: 's',
          limits: [{ value: objectives.payment.outboxAgeSeconds, colour: 'orange' }],
          queries: [line(max(['kind'], gauge(metrics.outboxAge, scope)), '{{kind}}')],
        }),
        timeseries({
          title: 'Outbox rows',
          description: 'What is written down and not done: captures, refunds, what Stripe has told, mails.',
          unit: 'short',
          queries: [line(max(['kind'], gauge(metrics.outboxWaiting, scope)), '{{kind}}')],
        }),
      ],
    },
    logsRow('the workers that pay'),
  ],
};
