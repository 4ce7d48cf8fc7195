/** A chunk as the network takes it. */
export interface Chunk {
  readonly dataRoot: string;
  /** Bytes of the whole transaction's data. */
  readonly dataSize: number;
  readonly dataPath: Buffer;
  /** Offset of the chunk's last byte in the data. */
  readonly offset: number;
  readonly bytes: Buffer;
}

export type TransactionStatus =
  | { readonly state: 'confirmed'; readonly confirmations: number; readonly blockHeight: number }
  | { readonly state: 'pending' }
  | { readonly state: 'unknown' };

/** The network said no, and would say no again: the request itself is at fault. */
export class ArweaveRefused extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(what: string, status: number, reason: string) {
    super(`Arweave refused ${what}: ${status} ${reason}`);
    this.status = status;
    this.reason = reason;
  }
}

/** The network could not be reached, or did not answer in a way that tells; a later try may. */
export class ArweaveUnavailable extends Error {}

/** What the platform needs of Arweave. Every call throws ArweaveRefused or ArweaveUnavailable. */
export interface ArweaveNetwork {
  height(): Promise<number>;
  /** A recent block's hash, for a transaction's `last_tx`. */
  anchor(): Promise<string>;
  /** Winston for storing that many bytes. */
  price(byteCount: number): Promise<bigint>;
  /** Winston that an address owns. */
  balance(address: string): Promise<bigint>;
  /** Posts a signed transaction without its data. One that is known already counts as posted. */
  postTransaction(tx: Record<string, unknown>): Promise<void>;
  /** Is done with the chunk's bytes when it returns its promise: their memory may hold others then. */
  postChunk(chunk: Chunk): Promise<void>;
  transactionStatus(id: string): Promise<TransactionStatus>;
  /** True when the data of a transaction can be read back. */
  hasData(id: string): Promise<boolean>;
}
