/** A transaction as its chain tells of it. */
export interface ChainTransaction {
  /** Undefined when it pays nobody in this token, or in no way that is credited. */
  readonly recipient: string | undefined;
  /** Address of who sent it, in the form in which balances are kept. */
  readonly sender: string;
  /** Whom the sender wants to be credited, if somebody else. */
  readonly beneficiary?: string | undefined;
  /** In the token's smallest unit. */
  readonly quantity: bigint;
  readonly confirmations: number;
  readonly blockHeight: number;
}

/** What its chain says: nothing, that it waits for a block, that it moved nothing, or all. */
export type Sighting = 'unknown' | 'waiting' | 'failed' | ChainTransaction;

/** Why a transaction brings no credits, now or ever. */
export type TopUpFault = 'wrong_recipient' | 'too_little' | 'excluded_sender' | 'failed_on_chain';

/** What is to be done about a transaction. */
export type TopUpVerdict =
  | { readonly state: 'unknown' }
  | { readonly state: 'pending'; readonly transaction?: ChainTransaction; readonly winc?: bigint }
  | { readonly state: 'credit'; readonly transaction: ChainTransaction; readonly winc: bigint; readonly to: string }
  | { readonly state: 'refused'; readonly fault: TopUpFault };

/** What counts where a transaction is judged. */
export interface TopUpRules {
  /** Our wallet of that token. */
  readonly wallet: string;
  readonly minConfirmations: number;
  readonly excludedSenders: readonly string[];
  /** What a quantity is worth, fees taken off. */
  readonly worth: (quantity: bigint) => bigint;
}

/** Decides what a sighting means. Nothing is credited that could still be undone, or that was not sent to us. */
export function judgeTopUp(seen: Sighting, rules: TopUpRules): TopUpVerdict {
  if (seen === 'unknown') return { state: 'unknown' };
  if (seen === 'waiting') return { state: 'pending' };
  if (seen === 'failed') return { state: 'refused', fault: 'failed_on_chain' };
  if (seen.recipient !== rules.wallet) return { state: 'refused', fault: 'wrong_recipient' };
  if (rules.excludedSenders.includes(seen.sender)) return { state: 'refused', fault: 'excluded_sender' };
  const winc = rules.worth(seen.quantity);
  if (winc < 1n) return { state: 'refused', fault: 'too_little' };
  if (seen.confirmations < rules.minConfirmations) return { state: 'pending', transaction: seen, winc };
  return { state: 'credit', transaction: seen, winc, to: seen.beneficiary ?? seen.sender };
}
