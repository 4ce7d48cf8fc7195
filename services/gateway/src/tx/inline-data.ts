import { generateTransactionChunks } from 'arweave/node/lib/merkle.js';
import type { Refusal } from '../refusal.ts';
import type { PostedTx } from './tx-header.ts';

/** A chunk cut from inline data with its proof. */
export interface InlineChunk {
  readonly left: number;
  readonly right: number;
  readonly bytes: Buffer;
  readonly path: Buffer;
}

const UNKNOWN_SPLIT: Refusal = { status: 400, text: 'The attached data is split in an unknown way.' };

/**
 * Cuts the data that came inside a transaction, and refuses data that is not what `data_root` and `data_size`
 * promise. arweave-js builds the tree: at most 10 MiB, so its slowness on large buffers does not matter.
 */
export async function inlineChunks({ header, data }: PostedTx): Promise<readonly InlineChunk[] | Refusal> {
  if (data.length === 0) return [];
  if (String(data.length) !== header.data_size) return UNKNOWN_SPLIT;
  const { data_root, chunks, proofs } = await generateTransactionChunks(data);
  if (Buffer.from(data_root).toString('base64url') !== header.data_root) return UNKNOWN_SPLIT;
  return chunks.map((chunk, index) => ({
    left: chunk.minByteRange,
    right: chunk.maxByteRange,
    bytes: data.subarray(chunk.minByteRange, chunk.maxByteRange),
    path: Buffer.from(proofs[index]?.proof ?? []),
  }));
}
