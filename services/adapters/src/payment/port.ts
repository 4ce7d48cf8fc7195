/** Who wants to store how much. */
export interface Charge {
  readonly itemId: Buffer;
  /** Address in the form of the signer's own chain. */
  readonly nativeAddress: string;
  readonly byteCount: number;
}

/** Who pays, and whether they can. Amounts are winston as decimal text. */
export interface Payment {
  /** True when an upload of that size by that signer could be paid for. Nothing is reserved. */
  canAfford(nativeAddress: string, byteCount: number): Promise<boolean>;
  /** Reserves the price of one item; undefined when it cannot be paid for. */
  reserve(charge: Charge): Promise<{ winc: string } | undefined>;
}
