import { addressOf } from '../tx/address.ts';
import type { BlockEvent, ChainEvent, TxEvent } from './events.ts';
import { type ChainState, dataKey, type TxEntry } from './state.ts';

/** Data of each transaction starts on this boundary of the weave, as on the network since its strict data split. */
const WEAVE_ALIGNMENT = 262_144;

/** Changes `state` by one event. An event names only what was decided; all figures follow from it. */
export function applyEvent(state: ChainState, event: ChainEvent): void {
  switch (event.type) {
    case 'mint':
      return credit(state, event.address, BigInt(event.winston));
    case 'tx':
      return addTx(state, event);
    case 'block':
      return addBlock(state, event);
    case 'orphan':
      return orphanBlocks(state, event.depth);
    case 'forget':
      return event.ids.forEach((id) => {
        forget(state, id);
      });
    case 'price':
      state.pricePercent = event.percent;
      return;
  }
}

function credit(state: ChainState, address: string, winston: bigint): void {
  state.balances.set(address, (state.balances.get(address) ?? 0n) + winston);
}

function costOf({ header }: TxEntry): bigint {
  return BigInt(header.reward) + BigInt(header.quantity);
}

function addTx(state: ChainState, { tx, stuck }: TxEvent): void {
  const entry: TxEntry = { header: tx, address: addressOf(tx.owner), size: Number(tx.data_size), stuck };
  state.txs.set(tx.id, entry);
  state.pending.add(tx.id);
  credit(state, entry.address, -costOf(entry));
  if (entry.size === 0) return;
  const key = dataKey(tx.data_root, entry.size);
  const ids = state.dataKeys.get(key) ?? new Set();
  state.dataKeys.set(key, ids.add(tx.id));
}

function forget(state: ChainState, id: string): void {
  const entry = state.txs.get(id);
  if (!entry) return;
  state.txs.delete(id);
  if (state.pending.delete(id)) credit(state, entry.address, costOf(entry));
  const key = dataKey(entry.header.data_root, entry.size);
  const ids = state.dataKeys.get(key);
  ids?.delete(id);
  if (ids?.size === 0) state.dataKeys.delete(key);
}

function addBlock(state: ChainState, event: BlockEvent): void {
  const before = state.blocks.at(-1)?.weaveSize ?? 0;
  let weaveSize = before;
  for (const id of event.txs) weaveSize = placeTx(state, id, event.height, weaveSize);
  state.blocks.push({
    height: event.height,
    indepHash: event.indepHash,
    previousBlock: event.previousBlock,
    timestamp: event.timestamp,
    txs: event.txs,
    blockSize: weaveSize - before,
    weaveSize,
  });
  state.heightByHash.set(event.indepHash, event.height);
  for (const id of event.dropped) forget(state, id);
}

function placeTx(state: ChainState, id: string, height: number, weaveSize: number): number {
  const entry = state.txs.get(id);
  if (!entry) return weaveSize;
  state.pending.delete(id);
  const { header, address, size } = entry;
  if (header.target !== '') credit(state, header.target, BigInt(header.quantity));
  const mined = state.minedBy.get(address) ?? [];
  mined.push(id);
  state.minedBy.set(address, mined);
  entry.height = height;
  entry.start = weaveSize;
  if (size === 0) return weaveSize;
  state.placements.push({ id, start: weaveSize, end: weaveSize + size });
  return Math.ceil((weaveSize + size) / WEAVE_ALIGNMENT) * WEAVE_ALIGNMENT;
}

/** Takes blocks off the tip; their transactions go before the others in the pool, in their old order. */
function orphanBlocks(state: ChainState, depth: number): void {
  const orphans = state.blocks.splice(state.blocks.length - depth, depth);
  const returned = orphans.flatMap(({ txs }) => txs).filter((id) => state.txs.has(id));
  const waiting = [...state.pending];
  for (const { indepHash } of orphans) state.heightByHash.delete(indepHash);
  for (const id of returned) unplaceTx(state, id);
  state.pending.clear();
  for (const id of [...returned, ...waiting]) state.pending.add(id);
  const weaveSize = state.blocks.at(-1)?.weaveSize ?? 0;
  while ((state.placements.at(-1)?.start ?? -1) >= weaveSize) state.placements.pop();
}

function unplaceTx(state: ChainState, id: string): void {
  const entry = state.txs.get(id);
  if (!entry) return;
  const { header, address } = entry;
  if (header.target !== '') credit(state, header.target, -BigInt(header.quantity));
  const mined = state.minedBy.get(address) ?? [];
  state.minedBy.set(
    address,
    mined.filter((minedId) => minedId !== id),
  );
  delete entry.height;
  delete entry.start;
}
