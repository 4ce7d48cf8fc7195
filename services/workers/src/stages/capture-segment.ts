import type { StageContext } from './stage.ts';

/** Tells the payment service that what is reserved for the items of a segment, or of a multipart upload, is spent. */
export async function captureSegment(segmentId: string, context: StageContext): Promise<void> {
  const { settlement, settlements } = context;
  if (!settlement) throw new Error('items were paid for, but PAYMENT_SERVICE_URL names no service to tell so');
  await capture(await settlements.paidItems(segmentId), context);
  await settlements.markCaptured(segmentId);
}

/** The same for single items. What cannot be collected any more is told to people: the items stay accepted. */
export async function capture(
  itemIds: readonly Buffer[],
  { logger, metrics, settlement }: StageContext,
): Promise<void> {
  const unpaid = (await settlement?.capture(itemIds)) ?? [];
  if (unpaid.length === 0) return;
  metrics.uncollected.inc(unpaid.length);
  logger.error({ items: unpaid }, 'accepted items whose reservation had run out, and whose signers have nothing left');
}
