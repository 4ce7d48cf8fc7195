import { reportedBy } from './define.ts';

const { counter } = reportedBy('workers');
const { gauge } = reportedBy('workers', 'payment');
const service = reportedBy('payment');
const outbox = ['capture', 'refund', 'webhook', 'card-refund', 'gift-mail'];
const token = 'the tokens that credits are bought with';

/** What becomes of the price of items after they were accepted. */
export const settlementMetrics = {
  refunds: counter(
    'payment_refunds_total',
    'Failed items for which the payment service was told to give back what they cost.',
  ),
  uncollected: counter(
    'payment_uncollected_items_total',
    'Accepted items whose reservation had run out before it was captured, and whose signer had nothing left: nobody paid.',
  ),
  outboxWaiting: gauge(
    'payment_outbox_waiting',
    'What is written down and still to be done. By the workers of the queue redrive: segments of items to be captured, items to be refunded. By the payment service: what Stripe has told, cards to be refunded, mails about gifts.',
    { kind: outbox },
  ),
  outboxAge: gauge('payment_outbox_oldest_age_seconds', 'How long the first of it has waited; 0 when there is none.', {
    kind: outbox,
  }),
};

/**
 * The books and the prices of the payment service. All but the ages of prices come from its database, so that each of its processes reports the
 * same: read them with max.
 */
export const moneyMetrics = {
  ledgerImbalance: service.gauge(
    'payment_ledger_imbalance_winc',
    'What does not add up in the ledger, always to be 0: the sum of all balances, looked at once a minute; the differences between accounts and their transfers, every quarter of an hour.',
    { check: ['sum', 'accounts'] },
  ),
  creditsHeld: service.gauge(
    'payment_balance_winc',
    'What all accounts of a kind hold together; `issued` is below zero.',
    {
      kind: 'the kinds of accounts of the ledger',
    },
  ),
  priceAge: service.gauge(
    'payment_price_age_seconds',
    'How old the price of the gateway and the rates are that this process uses; infinite while there is none. Rates only once somebody has asked for one.',
    { of: ['gateway', 'rates'] },
  ),
  reservationsOpen: service.gauge('payment_reservations_open', 'Reservations that are neither captured nor released.'),
  reservationAge: service.gauge(
    'payment_reservation_oldest_age_seconds',
    'How long the first of them is there; 0 when there is none.',
  ),
  topUps: service.counter('payment_top_ups_total', 'Transactions that bring credits, by what became of them.', {
    token,
    state: 'credited and failed',
  }),
  topUpWinc: service.counter('payment_top_up_winc_total', 'Credits that they brought.', { token }),
  topUpsPending: service.gauge('payment_top_ups_pending', 'Transactions that are not confirmed yet.', { token }),
  topUpAge: service.gauge(
    'payment_top_up_oldest_pending_age_seconds',
    'How long the first of them is known; 0 when there is none.',
    { token },
  ),
};
