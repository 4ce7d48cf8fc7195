import type { Chain } from './chain/chain.ts';
import type { ChunkStore } from './chunks/chunk-store.ts';
import type { FaultList } from './faults/fault-list.ts';
import type { RequestCounts } from './http/request-counts.ts';
import type { Indexer } from './items/indexer.ts';
import type { ItemIndex } from './items/item-index.ts';
import type { Price } from './price.ts';

/** What the routes work with. */
export interface GatewayParts {
  readonly chain: Chain;
  readonly store: ChunkStore;
  readonly index: ItemIndex;
  readonly indexer: Indexer;
  readonly faults: FaultList;
  readonly requests: RequestCounts;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** The price as it stands now. */
  readonly price: Price;
}
