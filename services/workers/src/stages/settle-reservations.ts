import { capture } from './capture-segment.ts';
import type { StageContext } from './stage.ts';

/**
 * Settles reservations whose time is over: their uploads have ended, and whether they were accepted stands in our rows. One
 * for which we have no row was never accepted, nor was one whose row says that it cost nothing.
 */
export async function settleReservations(context: StageContext): Promise<void> {
  const { items, logger, settlement } = context;
  if (!settlement) return;
  const expired = await settlement.expired();
  if (expired.length === 0) return;
  const known = await items.findKnown(expired);
  const isOwed = (id: Buffer): boolean => {
    const row = known.get(id.toString('base64url'));
    return row !== undefined && !row.failed && row.winc !== '0';
  };
  const owed = expired.filter(isOwed);
  await capture(owed, context);
  await settlement.release(expired.filter((id) => !isOwed(id)));
  logger.info({ captured: owed.length, released: expired.length - owed.length }, 'reservations settled late');
}
