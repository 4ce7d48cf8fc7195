import { reportedBy } from './define.ts';

const all = reportedBy('upload', 'workers', 'payment');
const workers = reportedBy('workers');

const gateway = 'the host of ARWEAVE_GATEWAY';
const op = ['info', 'anchor', 'price', 'balance', 'post_tx', 'post_chunk', 'tx_status', 'read_data'];

/** The Arweave network and what it costs. */
export const arweaveMetrics = {
  gatewayRequests: all.counter(
    'arweave_gateway_requests_total',
    'Requests to the gateway, each try by itself, by the status of the answer; `timeout` and `error` are those without one.',
    { gateway, op, code: 'the statuses that gateways answer with, `timeout` and `error`' },
  ),
  gatewayDurations: all.tracedHistogram(
    'arweave_gateway_request_duration_seconds',
    'Time until the gateway answered, each try by itself.',
    [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    { gateway, op },
  ),
  walletBalance: workers.gauge(
    'arweave_wallet_balance_ar',
    'AR that the wallet owns, as the gateway says. The workers of the queue redrive ask once a minute: read it with max by (wallet).',
    { wallet: 'the address of ARWEAVE_WALLET_FILE' },
  ),
  spend: workers.counter(
    'arweave_spend_winston_total',
    'Winston that the transactions of permanent bundles have cost.',
    { kind: ['reward'] },
  ),
  bundleCost: workers.histogram(
    'bundle_cost_winston',
    'Winston that the transaction of a permanent bundle has cost.',
    [1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14],
    { kind: ['reward'] },
  ),
  pricePerByte: workers.gauge(
    'arweave_price_winston_per_byte',
    "The gateway's price of the last bundle that was prepared, divided by its bytes; 0 before the first.",
  ),
};
