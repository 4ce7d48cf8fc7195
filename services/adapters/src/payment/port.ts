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
}

/** Who pays, and whether they can. Amounts are winston as decimal text. */
export interface Payment {
  /** True when an upload of that size by that signer could be paid for. Nothing is reserved. */
  canAfford(payer: Payer, byteCount: number): Promise<boolean>;
  /** Reserves the price of one item; undefined when it cannot be paid for. */
  reserve(charge: Charge): Promise<{ winc: string } | undefined>;
}
