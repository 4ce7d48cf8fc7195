import { reportedBy } from './define.ts';

const { counter } = reportedBy('workers');

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
};
