import { hash } from 'node:crypto';
import { validatePath } from 'arweave/node/lib/merkle.js';
import type { ChunkRange } from './chunk-ranges.ts';
import type { DataRef, StoredChunk } from './chunk-store.ts';

/** Bytes of the largest chunk. */
export const MAX_CHUNK_BYTES = 262_144;

const LEAF_BYTES = 64;

/**
 * Proves that a chunk belongs at `offset` of the data, and answers its range, or undefined. arweave-js judges the
 * path, so the bundler's own tree is tested against code it does not share; hash, length and split are judged here.
 */
export async function proveChunk(
  { dataRoot, size }: DataRef,
  offset: number,
  { bytes, path }: StoredChunk,
): Promise<ChunkRange | undefined> {
  const root = Buffer.from(dataRoot, 'base64url');
  if (root.length !== 32 || path.length < LEAF_BYTES) return undefined;
  const leaf = path.subarray(-LEAF_BYTES);
  if (!hash('sha256', bytes, 'buffer').equals(leaf.subarray(0, 32))) return undefined;
  const proven = await validatePath(root, offset, 0, size, path);
  if (!proven) return undefined;
  const range = { left: proven.leftBound, right: proven.rightBound };
  if (bytes.length !== range.right - range.left || bytes.length > MAX_CHUNK_BYTES) return undefined;
  if (BigInt(`0x${leaf.toString('hex', 32)}`) !== BigInt(range.right)) return undefined;
  return isKnownSplit(range, size) ? range : undefined;
}

/**
 * The network keeps only chunks that start on a boundary of 256 KiB; the last may instead start inside one and end
 * inside the next, which is how two chunks share a remainder too small for one of its own.
 */
function isKnownSplit({ left, right }: ChunkRange, size: number): boolean {
  if (left % MAX_CHUNK_BYTES === 0) return true;
  const buckets = Math.floor(right / MAX_CHUNK_BYTES) - Math.floor(left / MAX_CHUNK_BYTES);
  return right === size && buckets === 1 && right % MAX_CHUNK_BYTES !== 0;
}
