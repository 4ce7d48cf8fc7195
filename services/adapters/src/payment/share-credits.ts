import { ApiError } from '@bundler/contract';
import type { CreditSharing, PaymentSettlement, SharedCredits, SharingItem } from './port.ts';

export interface ShareCreditsOptions {
  readonly sharing: CreditSharing;
  readonly items: { findKnown(ids: readonly Buffer[]): Promise<ReadonlyMap<string, unknown>> };
  /** Undefined where there is no payment service. */
  readonly settlement: Pick<PaymentSettlement, 'release'> | undefined;
}

/**
 * Shares the credits of an item's signer, as its tags say, once its price is reserved. When that is refused the item is not taken,
 * and nothing stays reserved for it; one that is here already keeps its receipt, whatever has become of its approval since.
 *
 * @param paid whether anything is reserved for it
 * @throws ApiError with status 400 when it is refused, and any other when it cannot be said
 */
export async function shareCredits(
  item: SharingItem,
  paid: boolean,
  { items, settlement, sharing }: ShareCreditsOptions,
): Promise<SharedCredits | undefined> {
  try {
    return await sharing.share(item);
  } catch (error) {
    if (!isSharingRefused(error)) throw error;
    if ((await items.findKnown([item.itemId])).size > 0) return undefined;
    // What this does not reach is given back when its time is over.
    if (paid) await settlement?.release([item.itemId]).catch(() => undefined);
    throw error;
  }
}

/** Whether credits are not shared because of what the item asks for: asked again, it is refused again. */
export const isSharingRefused = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.status === 400;
