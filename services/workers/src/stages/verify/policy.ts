import type { TransactionStatus } from '@bundler/adapters';

/** What to do about a bundle whose chunks are posted. */
export type Verdict =
  | { readonly action: 'wait' }
  /** Final, if its data can be read back. */
  | { readonly action: 'check data'; readonly blockHeight: number }
  /** The network forgot it, but its anchor still counts. */
  | { readonly action: 'post again' }
  /** The network will never take it any more. */
  | { readonly action: 'give up' };

/** Decides by what the network says of the transaction and how old its anchor is. */
export function judge(
  status: TransactionStatus,
  chain: { height: number; signedHeight: number; confirmations: number; anchorBlocks: number },
): Verdict {
  if (status.state === 'confirmed') {
    return status.confirmations >= chain.confirmations
      ? { action: 'check data', blockHeight: status.blockHeight }
      : { action: 'wait' };
  }
  if (status.state === 'pending') return { action: 'wait' };
  return chain.height > chain.signedHeight + chain.anchorBlocks ? { action: 'give up' } : { action: 'post again' };
}
