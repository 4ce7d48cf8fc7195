import type { TxHeader } from '../tx/tx-header.ts';

/** A block of the development chain. */
export interface Block {
  readonly height: number;
  readonly indepHash: string;
  readonly previousBlock: string;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  readonly txs: readonly string[];
  /** Bytes of data this block added to the weave, padding included. */
  readonly blockSize: number;
  /** Bytes of the whole weave after this block. */
  readonly weaveSize: number;
}

/** A transaction the network knows. `height` and `start` are there while it is mined. */
export interface TxEntry {
  readonly header: TxHeader;
  readonly address: string;
  readonly size: number;
  readonly stuck: boolean;
  height?: number;
  /** Weave offset before its first byte. */
  start?: number;
}

/** Where a mined transaction's data stands in the weave: bytes `start + 1` to `end`. */
export interface Placement {
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

/** The chain, changed by `applyEvent` only. */
export interface ChainState {
  readonly blocks: Block[];
  readonly heightByHash: Map<string, number>;
  readonly txs: Map<string, TxEntry>;
  /** Ids in the order they are mined. */
  readonly pending: Set<string>;
  readonly balances: Map<string, bigint>;
  /** Per address, the ids of its mined transactions, oldest first. */
  readonly minedBy: Map<string, string[]>;
  /** Ordered by weave offset. */
  readonly placements: Placement[];
  /** `dataKey` of every known transaction with data, with the ids that share it. */
  readonly dataKeys: Map<string, Set<string>>;
  pricePercent: number;
}

/** A chain without even its first block. */
export function emptyState(): ChainState {
  return {
    blocks: [],
    heightByHash: new Map(),
    txs: new Map(),
    pending: new Set(),
    balances: new Map(),
    minedBy: new Map(),
    placements: [],
    dataKeys: new Map(),
    pricePercent: 100,
  };
}

/** The name data goes by: the same root with another size is other data. */
export function dataKey(dataRoot: string, size: number): string {
  return `${dataRoot}.${size}`;
}

/** The newest block. */
export function tipOf(state: ChainState): Block {
  const tip = state.blocks.at(-1);
  if (!tip) throw new Error('The chain has no first block yet: open it with openChain');
  return tip;
}

/** The last mined transaction of an address, or '' if it has none. */
export function lastTxOf(state: ChainState, address: string): string {
  return state.minedBy.get(address)?.at(-1) ?? '';
}

/** The placement that covers a weave offset (the first byte of the weave has offset 1). */
export function placementAt(state: ChainState, offset: number): Placement | undefined {
  let low = 0;
  let high = state.placements.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const placement = state.placements[middle];
    if (!placement) return undefined;
    if (offset <= placement.start) high = middle - 1;
    else if (offset > placement.end) low = middle + 1;
    else return placement;
  }
  return undefined;
}
