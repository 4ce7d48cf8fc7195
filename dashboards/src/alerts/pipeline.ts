import { metrics, objectives } from '@bundler/contract';
import {
  counter,
  gauge,
  increase,
  matchesNot,
  max,
  min,
  platform,
  predicted,
  rate,
  share,
  sum,
} from '../promql/index.ts';
import { type Alert, given, growing, look, type Rule, steady, step } from './define.ts';

const { itemAgeSeconds, bundleFailures, gatewaySuccess } = objectives.pipeline;
const { lowDays, emptyDays } = objectives.wallet;
const main = { namespace: 'bundler', config: 'main' };
const DAY = 86_400;
/** Winston of one AR. */
const WINSTON = 1e12;

const duration = (seconds: number): string => (seconds < 3600 ? `${seconds / 60}m` : `${seconds / 3600}h`);

/** The oldest item of a state has been in it for too long. */
function stuck(state: keyof typeof itemAgeSeconds, says: string): Rule {
  const by = [...platform, 'state'] as const;
  return {
    severity: 'critical',
    labels: { state },
    expr: max(by, gauge(metrics.dataItemStateAge, { state })).above(itemAgeSeconds[state]),
    for: '10m',
    proof: {
      fires: [given(metrics.dataItemStateAge, { state }, steady(itemAgeSeconds[state] + 1))],
      labels: { ...main, state },
      says: `It has been there for ${says}; the limits are ${limits}.`,
      silent: [[given(metrics.dataItemStateAge, { state }, steady(itemAgeSeconds[state]))]],
    },
  };
}
const limits = Object.entries(itemAgeSeconds)
  .map(([state, seconds]) => `${state} ${duration(seconds)}`)
  .join(', ');

/** What the wallet has, in days of the last week's spending. The balance is reported by several workers, the spending by each. */
const daysLeft = max(platform, gauge(metrics.walletBalance)).over(
  sum(platform, increase(counter(metrics.spend), '7d')).times(1 / (7 * WINSTON)),
);
/** The same, as far as rewards of the last hours tell. */
const emptyWithin = (days: number) => min(platform, predicted(gauge(metrics.walletBalance), '6h', days * DAY));

const wallet = { wallet: 'w', component: 'workers-redrive', pod: 'redrive-1' };
/** Seven AR in the week, which is one a day. */
const spent = given(
  metrics.spend,
  { kind: 'reward', component: 'workers-post', pod: 'post-1' },
  step(0, 1, 7 * WINSTON),
);
const balance = (value: number) => given(metrics.walletBalance, wallet, steady(value));

const walletRunbook: Pick<Alert['runbook'], 'look' | 'mitigation' | 'settings'> = {
  look: [
    {
      why: 'The balance, in winston, as the network has it (the address is the label `wallet` of the metric):',
      run: 'curl -s "https://arweave.net/wallet/${WALLET:-address}/balance"',
    },
    look.logs('workers-post', 'reward|balance'),
  ],
  mitigation: [
    'Send AR to the address. Nothing has to be restarted.',
    'Until then pause `post`: `kubectl bundler pause "$NAME" post -n "$NAMESPACE"`. Uploads go on, and what is late is posted later.',
  ],
  settings: ['postPaused'],
};

/** From an accepted item to permanence. */
export const pipelineAlerts: readonly Alert[] = [
  {
    name: 'BundlerOversizedItems',
    inPlan: true,
    summary: 'Items larger than a bundle have come to {{ $labels.namespace }}/{{ $labels.config }}',
    description: '{{ $value | humanize }} in the last hour. Each is posted as a bundle of its own.',
    team: 'bundler',
    panel: ['bundles', 'Oversized items'],
    rules: [
      {
        severity: 'info',
        expr: sum(platform, increase(counter(metrics.oversizedItems), '1h')).above(0),
        proof: {
          fires: [given(metrics.oversizedItems, { component: 'workers-plan', pod: 'plan-1' }, step(0, 50, 1))],
          from: 50,
          labels: main,
          says: '1 in the last hour. Each is posted as a bundle of its own.',
          silent: [[given(metrics.oversizedItems, { component: 'workers-plan', pod: 'plan-1' }, steady(3))]],
        },
      },
    ],
    runbook: {
      meaning:
        'Items above MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT were set aside by `plan` into the lane of the queue `oversized-data-item`. This is news and no trouble.',
      impact: 'None: they become permanent as the others do, one after another. See docs/oversized-items.md.',
      look: [look.status, look.logs('workers-oversized-data-item')],
      mitigation: ['Nothing, unless BundlerOversizedItemsFailing or BundlerItemsStuck fires too.'],
      settings: ['maxBundleSize', 'oversizedDataItemConcurrency'],
    },
  },
  {
    name: 'BundlerOversizedItemsFailing',
    summary: 'Bundles of oversized items fail in {{ $labels.namespace }}/{{ $labels.config }}',
    description: '{{ $value | humanize }} failed in the last hour.',
    team: 'bundler',
    panel: ['bundles', 'Oversized items'],
    rules: [
      {
        severity: 'warning',
        expr: sum(platform, increase(counter(metrics.oversizedOutcomes, { outcome: 'failed' }), '1h')).above(0),
        proof: {
          fires: [given(metrics.oversizedOutcomes, { outcome: 'failed', pod: 'oversized-1' }, step(0, 50, 1))],
          from: 50,
          labels: main,
          says: '1 failed in the last hour.',
          silent: [
            [
              given(metrics.oversizedOutcomes, { outcome: 'failed', pod: 'oversized-1' }, steady(2)),
              given(metrics.oversizedOutcomes, { outcome: 'posted', pod: 'oversized-1' }, growing(1)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning: 'A bundle with one oversized item was given up. Its item is packed again, until MAX_FAILED_BUNDLES.',
      impact: 'That item is late by hours, since each try moves gigabytes.',
      look: [look.logs('workers-oversized-data-item', '"level":(40|50)'), look.status],
      mitigation: ['The log names the step that failed; the gateway and the object store have alerts of their own.'],
      settings: ['maxFailedBundles', 'arweaveRequestTimeout', 'seedChunkConcurrency'],
    },
  },
  {
    name: 'BundlerItemsStuck',
    summary: 'An item of {{ $labels.namespace }}/{{ $labels.config }} does not get beyond {{ $labels.state }}',
    description: `It has been there for {{ $value | humanizeDuration }}; the limits are ${limits}.`,
    team: 'bundler',
    panel: ['bundles', 'Oldest item by state'],
    rules: [
      stuck('new', '30m 1s'),
      stuck('planned', '2h 0m 1s'),
      stuck('prepared', '2h 0m 1s'),
      stuck('posted', '1d 0h 0m 1s'),
      stuck('seeded', '1d 0h 0m 1s'),
    ],
    runbook: {
      meaning:
        'Nothing may stay in a state for ever. `new` waits for a bundle, `planned` and `prepared` for their post, `posted` and `seeded` for their data and confirmations.',
      impact:
        'The promise of the receipts is in danger: they name a height by which the item is on chain (RECEIPT_DEADLINE_BLOCKS).',
      look: [look.status, look.metrics('^(data_item|bundles|queue_depth)'), look.logs('workers-redrive')],
      mitigation: [
        '`new`: is `plan` running? OVERDUE_DATA_ITEM_THRESHOLD_MS is when a bundle goes that is not full.',
        '`planned`, `prepared`: the wallet, the gateway, or the queues `prepare` and `post`.',
        '`posted`, `seeded`: the queues `seed` and `verify`, or a network that does not confirm.',
      ],
      settings: ['overdueThreshold', 'planInterval', 'verifyInterval', 'redriveAfter'],
    },
  },
  {
    name: 'BundlerItemsUnaccounted',
    summary: 'Accepted items of {{ $labels.namespace }}/{{ $labels.config }} are carried on by nothing',
    description: '{{ $value | humanize }} items have receipts and no bundle that will ever carry them. It must be 0.',
    team: 'bundler',
    panel: ['bundles', 'Unaccounted items'],
    rules: [
      {
        severity: 'critical',
        expr: max(platform, gauge(metrics.itemsUnaccounted)).differs(0),
        for: '15m',
        proof: {
          fires: [given(metrics.itemsUnaccounted, { pod: 'redrive-1' }, steady(1))],
          labels: main,
          says: '1 items have receipts and no bundle that will ever carry them. It must be 0.',
          silent: [[given(metrics.itemsUnaccounted, { pod: 'redrive-1' }, steady(0))]],
        },
      },
    ],
    runbook: {
      meaning:
        'Rows say that items have not ended, but their bundle has failed or does not exist. It is a defect, or somebody changed the database by hand or put back an old backup.',
      impact: 'A receipt may be broken: the one thing that must not happen.',
      look: [look.metrics('^data_items'), look.logs('workers-redrive'), look.status],
      mitigation: [
        'Pause `cleanup` first, so that no bytes go: `kubectl bundler pause "$NAME" cleanup -n "$NAMESPACE"`.',
        'After a restore of PostgreSQL compare it with the object store: what has bytes can be packed again.',
        'Report it with the log of `redrive` and the rows of the items.',
      ],
      settings: ['cleanupPaused', 'cleanupAfter'],
    },
  },
  {
    name: 'BundlerBundlePostFailing',
    summary: 'Bundles of {{ $labels.namespace }}/{{ $labels.config }} fail',
    description: `{{ $value | humanizePercentage }} of the bundles of the last hour were given up; ${bundleFailures * 100}% is the limit.`,
    team: 'bundler',
    panel: ['bundles', 'Given up'],
    rules: [
      {
        severity: 'critical',
        expr: share(
          sum(platform, increase(counter(metrics.bundleFailures), '1h')),
          sum(platform, increase(counter(metrics.bundleFailures), '1h')).plus(
            sum(platform, increase(counter(metrics.bundleTransitions, { state: 'posted' }), '1h')),
          ),
        ).above(bundleFailures),
        for: '15m',
        proof: {
          fires: [
            given(metrics.bundleFailures, { reason: 'failed_to_post', pod: 'post-1' }, growing(11)),
            given(metrics.bundleTransitions, { state: 'posted', pod: 'post-1' }, growing(89)),
          ],
          from: 1,
          labels: main,
          says: '11% of the bundles of the last hour were given up; 10% is the limit.',
          silent: [
            [
              given(metrics.bundleFailures, { reason: 'failed_to_post', pod: 'post-1' }, growing(9)),
              given(metrics.bundleTransitions, { state: 'posted', pod: 'post-1' }, growing(91)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning: 'The network refuses or forgets bundles, or their bytes cannot be read. Their items are packed again.',
      impact: 'Items are late, and each try may cost AR.',
      look: [look.logs('workers-post', '"level":(40|50)'), look.metrics('^(bundle_|arweave_)'), look.status],
      mitigation: [
        '`failed_to_post`: wallet, gateway, price. `not_found`: the network forgot the transaction; a gateway that does not spread what it gets shows so.',
        'Name another gateway with ARWEAVE_GATEWAY.',
      ],
      settings: [
        'arweaveGateway',
        'arweaveRequestTimeout',
        'arweaveRequestTries',
        'arweaveAnchorBlocks',
        'maxFailedBundles',
      ],
    },
  },
  {
    name: 'BundlerArweaveGatewayDown',
    summary: 'No gateway of {{ $labels.namespace }}/{{ $labels.config }} answers',
    description: `The best of them answers {{ $value | humanizePercentage }} of the requests well; below ${gatewaySuccess * 100}% it is down.`,
    team: 'bundler',
    panel: ['bundles', 'Gateway requests'],
    rules: [
      {
        severity: 'critical',
        expr: max(
          platform,
          share(
            sum(
              [...platform, 'gateway'],
              rate(counter(metrics.gatewayRequests, { code: matchesNot('5..|429|timeout|error') }), '5m'),
            ),
            sum([...platform, 'gateway'], rate(counter(metrics.gatewayRequests), '5m')),
          ),
        ).below(gatewaySuccess),
        for: '5m',
        proof: {
          fires: [
            given(metrics.gatewayRequests, { gateway: 'g', op: 'info', code: 'error' }, growing(51)),
            given(metrics.gatewayRequests, { gateway: 'g', op: 'info', code: '200' }, growing(49)),
          ],
          from: 1,
          labels: main,
          says: 'The best of them answers 49% of the requests well; below 50% it is down.',
          silent: [
            [
              given(metrics.gatewayRequests, { gateway: 'g', op: 'info', code: '503' }, growing(49)),
              given(metrics.gatewayRequests, { gateway: 'g', op: 'tx_status', code: '404' }, growing(51)),
            ],
            [
              given(metrics.gatewayRequests, { gateway: 'g', op: 'info', code: 'error' }, growing(100)),
              given(metrics.gatewayRequests, { gateway: 'g', op: 'info', code: '200' }, growing(0)),
              given(metrics.gatewayRequests, { gateway: 'other', op: 'info', code: '200' }, growing(1)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'Fewer than half of the requests to the gateway are answered; 404 is an answer, 5xx, 429, silence and refused connections are none.',
      impact: 'Nothing is posted or confirmed. Uploads go on, with the height of the chain extrapolated.',
      look: [
        look.metrics('^arweave_gateway'),
        {
          why: 'Whether it answers from a pod of the platform:',
          run: 'kubectl -n "$NAMESPACE" exec "deploy/$NAME-upload" -- node -e \'fetch(process.env.ARWEAVE_GATEWAY + "/info").then((r) => r.text()).then(console.log, console.error)\'',
        },
      ],
      mitigation: [
        'Wait, if it is a public one: nothing is lost, and `redrive` goes on by itself.',
        'Or name another with ARWEAVE_GATEWAY. See that a NetworkPolicy lets the workers out.',
      ],
      settings: ['arweaveGateway', 'arweaveRequestTimeout', 'arweaveRequestTries'],
    },
  },
  {
    name: 'BundlerWalletLow',
    summary: 'The wallet of {{ $labels.namespace }}/{{ $labels.config }} runs low',
    description: `It lasts {{ $value | humanize }} days when they cost what those of the last week cost; below ${lowDays} is low.`,
    team: 'bundler',
    panel: ['cost', 'Days left'],
    rules: [
      {
        severity: 'warning',
        expr: daysLeft.below(lowDays),
        for: '30m',
        proof: {
          fires: [balance(6.9), spent],
          from: 1,
          labels: main,
          says: 'It lasts 6.9 days when they cost what those of the last week cost; below 7 is low.',
          silent: [[balance(7.1), spent]],
        },
      },
    ],
    runbook: {
      meaning: 'Balance divided by what a day cost on average over the last week.',
      impact: 'None yet. An empty wallet stops every post.',
      ...walletRunbook,
    },
  },
  {
    name: 'BundlerWalletEmpty',
    summary: 'The wallet of {{ $labels.namespace }}/{{ $labels.config }} is nearly empty',
    description: `It lasts {{ $value | humanize }} days when they cost what those of the last week cost; below ${emptyDays} it is nearly empty.`,
    team: 'bundler',
    panel: ['cost', 'Days left'],
    rules: [
      {
        severity: 'critical',
        expr: daysLeft.below(emptyDays),
        for: '30m',
        labels: { by: 'week' },
        proof: {
          fires: [balance(0.9), spent],
          from: 1,
          labels: main,
          says: 'It lasts 900m days when they cost what those of the last week cost; below 1 it is nearly empty.',
          silent: [[balance(1.1), spent]],
        },
      },
      {
        severity: 'critical',
        description: `It will have {{ $value | humanize }} AR in ${emptyDays} day, when it goes on as in the last six hours.`,
        expr: emptyWithin(emptyDays).below(0),
        for: '30m',
        labels: { by: 'hours' },
        proof: {
          fires: [given(metrics.walletBalance, wallet, '1000-1x240')],
          from: 1,
          labels: main,
          says: 'It will have -471 AR in 1 day, when it goes on as in the last six hours.',
          silent: [[given(metrics.walletBalance, wallet, '2000-1x240')]],
        },
      },
    ],
    runbook: {
      meaning: 'By the last week or by the last six hours, the wallet is empty within a day.',
      impact: 'Posts fail soon. Receipts are still given, and their deadline comes nearer.',
      ...walletRunbook,
    },
  },
];
