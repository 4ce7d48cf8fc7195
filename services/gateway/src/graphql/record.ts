import type { TxEntry } from '../chain/state.ts';
import type { DataItem } from '../items/data-item.ts';
import { type PlainTag, plainTags } from '../tx/tags.ts';

/** A mined transaction or data item, as queries see it. */
export interface MinedRecord {
  readonly id: string;
  readonly height: number;
  readonly address: string;
  readonly recipient: string;
  readonly anchor: string;
  readonly tags: readonly PlainTag[];
  readonly dataSize: number;
  /** What it was made from: only a transaction holds its owner's key, an item's is read from its bundle. */
  readonly source: TxEntry | DataItem;
  readonly bundle: string | undefined;
}

/** The record of a mined transaction. */
export function txRecord(source: TxEntry, height: number): MinedRecord {
  return {
    id: source.header.id,
    height,
    address: source.address,
    recipient: source.header.target,
    anchor: source.header.last_tx,
    tags: plainTags(source.header.tags),
    dataSize: source.size,
    source,
    bundle: undefined,
  };
}

/** The record of a data item whose bundle was mined at `height`. */
export function itemRecord(source: DataItem, height: number): MinedRecord {
  return {
    id: source.id,
    height,
    address: source.address,
    recipient: source.target,
    anchor: source.anchor,
    tags: source.tags,
    dataSize: source.offset + source.size - source.dataOffset,
    source,
    bundle: source.bundle,
  };
}
