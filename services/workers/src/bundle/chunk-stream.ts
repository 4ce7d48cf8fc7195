import { createHash } from 'node:crypto';
import { type ChunkRange, MAX_CHUNK_BYTES } from './chunk-tree.ts';

/**
 * Cuts a stream into the given ranges, which follow one another. Whoever takes a chunk is done with it when it asks for
 * the next one: then its memory holds other bytes.
 */
export async function* cutIntoChunks(
  pieces: AsyncIterable<Buffer>,
  ranges: readonly ChunkRange[],
): AsyncIterable<Buffer> {
  // Chunks are made by the gigabyte: memory of its own for each would keep the garbage collector busy all the time.
  const chunk = Buffer.allocUnsafeSlow(MAX_CHUNK_BYTES);
  let gathered = 0;
  let index = 0;
  for await (const piece of pieces) {
    let rest = piece;
    while (rest.length > 0) {
      const part = rest.subarray(0, size(ranges[index]) - gathered);
      if (part.length === 0) throw new Error('more bytes came than the chunks have');
      part.copy(chunk, gathered);
      gathered += part.length;
      rest = rest.subarray(part.length);
      if (gathered < size(ranges[index])) continue;
      yield chunk.subarray(0, gathered);
      gathered = 0;
      index += 1;
    }
  }
  if (index < ranges.length) throw new Error(`the bytes ended in chunk ${index + 1} of ${ranges.length}`);
}

/** The SHA-256 of each chunk, one after another; nothing is kept of the bytes. */
export async function hashChunks(pieces: AsyncIterable<Buffer>, ranges: readonly ChunkRange[]): Promise<Buffer> {
  const hashes = Buffer.allocUnsafe(ranges.length * 32);
  let index = 0;
  let missing = size(ranges[0]);
  let hash = createHash('sha256');
  for await (const piece of pieces) {
    let rest = piece;
    while (rest.length > 0 && missing > 0) {
      const part = rest.subarray(0, missing);
      hash.update(part);
      missing -= part.length;
      rest = rest.subarray(part.length);
      if (missing > 0) continue;
      hash.digest().copy(hashes, index * 32);
      hash = createHash('sha256');
      index += 1;
      missing = size(ranges[index]);
    }
    if (rest.length > 0) throw new Error('more bytes came than the chunks have');
  }
  if (index < ranges.length) throw new Error(`the bytes ended in chunk ${index + 1} of ${ranges.length}`);
  return hashes;
}

const size = (range: ChunkRange | undefined): number => (range ? range.end - range.start : 0);
