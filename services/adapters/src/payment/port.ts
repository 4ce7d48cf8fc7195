import type { Approval } from '@bundler/contract';

/** Who wants to store how much. */
export interface Charge {
  readonly itemId: Buffer;
  readonly payer: Payer;
  readonly byteCount: number;
}

/** Whose balance it is. */
export interface Payer {
  /** Name of the signature type, as `arweave` or `solana`. */
  readonly token: string;
  /** Address in the form of the signer's own chain. */
  readonly nativeAddress: string;
  /** Nothing is free for its size: whoever sends has used that up. */
  readonly overFreeQuota?: boolean;
  /** Addresses whose approvals pay before the signer does, in this order. */
  readonly paidBy?: readonly string[];
}

/** Who pays, and whether they can. Amounts are winston as decimal text. */
export interface Payment {
  /** True when an upload of that size by that signer could be paid for. Nothing is reserved. */
  canAfford(payer: Payer, byteCount: number): Promise<boolean>;
  /** Reserves the price of one item; undefined when it cannot be paid for. */
  reserve(charge: Charge): Promise<{ winc: string } | undefined>;
}

/** Tells the payment service what became of items whose prices were reserved. Every call may be repeated. */
export interface PaymentSettlement {
  /** They were accepted: what is reserved is spent. @returns those for which nothing was reserved and nothing is left */
  capture(itemIds: readonly Buffer[]): Promise<readonly string[]>;
  /** They were never accepted: what is reserved goes back. */
  release(itemIds: readonly Buffer[]): Promise<void>;
  /** They ended as failed: what was reserved or spent goes back. */
  refund(itemIds: readonly Buffer[]): Promise<void>;
  /** Items whose reservation should have been settled by now. */
  expired(): Promise<Buffer[]>;
}

/** An item whose tags may share the credits of its signer, whose signature is good. */
export interface SharingItem {
  readonly itemId: Buffer;
  /** Tells the address in the form of the signer's own chain: making it costs a hash, and hardly an item shares anything. */
  readonly signer: () => string;
  readonly tags: readonly { readonly name: string; readonly value: string }[];
}

/** What has come of it, as it stands in the receipt. */
export type SharedCredits = { readonly createdApproval: Approval } | { readonly revokedApprovals: Approval[] };

/** Shares credits, or takes them back, as the tags of items say. */
export interface CreditSharing {
  /**
   * Each item does it once, however often it is told. Undefined for one whose tags say nothing of it.
   *
   * @throws ApiError `approval_refused` or `revocation_refused` with why; `payment_unavailable`
   */
  share(item: SharingItem): Promise<SharedCredits | undefined>;
}
