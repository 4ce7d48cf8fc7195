import type { ChainState } from './state.ts';

/** Blocks back from the tip that a transaction may be anchored to. */
const ANCHOR_DEPTH = 50;

/** Blocks back from the tip that `/tx_anchor` names, so that a small reorganisation leaves the anchor valid. */
const SUGGESTED_DEPTH = 5;

/**
 * True if a transaction anchored so may stand in the block of `height`: the anchor is one of the 50 blocks before it,
 * or `lastTx`, the last mined transaction of its owner ('' before the first).
 */
export function allowsAnchor(state: ChainState, anchor: string, height: number, lastTx: string): boolean {
  const anchorHeight = state.heightByHash.get(anchor);
  return anchorHeight === undefined ? anchor === lastTx : anchorHeight >= height - ANCHOR_DEPTH;
}

/** The anchor the network proposes for a new transaction. */
export function suggestedAnchor(state: ChainState): string {
  const block = state.blocks[Math.max(0, state.blocks.length - 1 - SUGGESTED_DEPTH)];
  return block?.indepHash ?? '';
}
