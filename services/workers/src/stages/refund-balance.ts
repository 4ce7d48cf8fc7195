import type { Stage } from './stage.ts';

/** Items of one call. */
const BATCH = 500;

/** Gives back what failed items have cost. Rows say which: a call that may have been made is made again. */
export const refundBalance: Stage<'refundBalance'> =
  ({ logger, metrics, settlement, settlements }) =>
  async (_, signal) => {
    while (settlement && !signal.aborted) {
      const items = await settlements.takeRefunds(BATCH);
      if (items.length === 0) return;
      await settlement.refund(items);
      await settlements.markRefunded(items);
      metrics.refunds.inc(items.length);
      logger.info({ items: items.length }, 'failed items refunded');
    }
  };
