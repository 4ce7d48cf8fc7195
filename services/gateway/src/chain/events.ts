import type { TxHeader } from '../tx/tx-header.ts';

/** Winston out of nowhere: the development gateway's mint. */
export interface MintEvent {
  readonly type: 'mint';
  readonly address: string;
  readonly winston: string;
}

/** A transaction entered the pool. `stuck` ones are never mined. */
export interface TxEvent {
  readonly type: 'tx';
  readonly tx: TxHeader;
  readonly stuck: boolean;
}

/** A block joined the chain with `txs`; `dropped` left the pool because their anchors are no longer valid. */
export interface BlockEvent {
  readonly type: 'block';
  readonly height: number;
  readonly indepHash: string;
  readonly previousBlock: string;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  readonly txs: readonly string[];
  readonly dropped: readonly string[];
}

/** The newest `depth` blocks were orphaned; their transactions are pending again. */
export interface OrphanEvent {
  readonly type: 'orphan';
  readonly depth: number;
}

/** Transactions the network no longer knows; those pending get their winston back. */
export interface ForgetEvent {
  readonly type: 'forget';
  readonly ids: readonly string[];
}

/** The price moved to this percentage of the configured one. */
export interface PriceEvent {
  readonly type: 'price';
  readonly percent: number;
}

/** Everything that changes the chain. The journal is a list of these, and the state is their sum. */
export type ChainEvent = MintEvent | TxEvent | BlockEvent | OrphanEvent | ForgetEvent | PriceEvent;
