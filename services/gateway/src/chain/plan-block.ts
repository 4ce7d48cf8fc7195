import { createHash } from 'node:crypto';
import { allowsAnchor } from './anchors.ts';
import type { BlockEvent } from './events.ts';
import { type ChainState, lastTxOf, type TxEntry } from './state.ts';

/** What a block is to be made of. */
export interface BlockRequest {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Makes two blocks of the same height and moment differ, as on rival forks. */
  readonly nonce: number;
  /** True for a block that takes no transaction. */
  readonly empty: boolean;
}

/**
 * Decides the next block: every pending transaction whose anchor is valid now is mined, and those whose anchors will
 * not be valid for the block after it are dropped.
 */
export function planBlock(state: ChainState, { now, nonce, empty }: BlockRequest): BlockEvent {
  const height = state.blocks.length;
  const previousBlock = state.blocks.at(-1)?.indepHash ?? '';
  const lastInBlock = new Map<string, string>();
  const allowed = ({ header, address }: TxEntry, blockHeight: number): boolean =>
    allowsAnchor(state, header.last_tx, blockHeight, lastInBlock.get(address) ?? lastTxOf(state, address));
  const txs = new Set<string>();
  const pending = [...state.pending].flatMap((id) => state.txs.get(id) ?? []);
  for (const entry of empty ? [] : pending) {
    if (entry.stuck || !allowed(entry, height)) continue;
    lastInBlock.set(entry.address, entry.header.id);
    txs.add(entry.header.id);
  }
  const dropped = pending.filter((entry) => !txs.has(entry.header.id) && !allowed(entry, height + 1));
  return {
    type: 'block',
    height,
    indepHash: blockHash([previousBlock, height, now, nonce, ...txs]),
    previousBlock,
    timestamp: Math.floor(now / 1000),
    txs: [...txs],
    dropped: dropped.map(({ header }) => header.id),
  };
}

/** 48 bytes in base64url, as the network's independent hashes are. */
function blockHash(parts: readonly (string | number)[]): string {
  return createHash('sha384').update(parts.join('\n')).digest('base64url');
}
