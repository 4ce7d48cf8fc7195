import { allowsAnchor } from '../chain/anchors.ts';
import { type ChainState, lastTxOf } from '../chain/state.ts';
import type { Price } from '../price.ts';
import type { Refusal } from '../refusal.ts';
import { addressOf } from './address.ts';
import type { TxHeader } from './tx-header.ts';

/** What the network answers for a transaction it has already. */
export const ALREADY_PROCESSED: Refusal = { status: 208, text: 'Transaction already processed.' };

/**
 * Judges a well-formed transaction against the chain: known already, anchor, reward, balance, transfers to oneself.
 * Returns undefined when it may enter the pool.
 */
export function judgeTx(state: ChainState, header: TxHeader, price: Price): Refusal | undefined {
  if (state.txs.has(header.id)) return ALREADY_PROCESSED;
  const address = addressOf(header.owner);
  if (header.target === address) return { status: 400, text: 'Transaction verification failed. target: is the owner' };
  if (state.pending.has(header.last_tx)) {
    return { status: 400, text: 'Invalid anchor (last_tx from mempool).' };
  }
  if (!allowsAnchor(state, header.last_tx, state.blocks.length, lastTxOf(state, address))) {
    return { status: 400, text: 'Invalid anchor (last_tx).' };
  }
  const reward = BigInt(header.reward);
  if (reward < price(BigInt(header.data_size))) return { status: 400, text: 'Transaction reward too low.' };
  const balance = state.balances.get(address) ?? 0n;
  return balance < reward + BigInt(header.quantity) ? { status: 410, text: 'Not enough tokens.' } : undefined;
}
