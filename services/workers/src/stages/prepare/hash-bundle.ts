import type { Bundle, Bundles } from '@bundler/adapters';
import { hashChunks } from '../../bundle/chunk-stream.ts';
import { chunkRanges, HASH_BYTES } from '../../bundle/chunk-tree.ts';
import type { VirtualBundle } from '../../bundle/virtual-bundle.ts';

/** Chunks after which the hashes so far are remembered, at least: 16 MiB are hashed more quickly than written down. */
const MIN_STRIDE = 64;
/** Into how many strides a large bundle is cut: each writes the hashes of all before it again. */
const STRIDES = 16;

/**
 * The hashes of all chunks of a bundle, from where an earlier try stopped: a killed worker repeats a sixteenth of the bundle at most.
 *
 * @returns undefined when told to stop before
 * @throws ObjectDamaged when bytes are missing for ever
 */
export async function hashBundle(
  { id, byteCount }: Pick<Bundle, 'id' | 'byteCount'>,
  virtual: Pick<VirtualBundle, 'read'>,
  bundles: Pick<Bundles, 'chunkHashes' | 'saveHashes'>,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const ranges = chunkRanges(byteCount);
  const stride = Math.max(MIN_STRIDE, Math.ceil(ranges.length / STRIDES));
  let hashes = (ranges.length > MIN_STRIDE && (await bundles.chunkHashes(id))) || Buffer.alloc(0);
  for (let first = hashes.length / HASH_BYTES; first < ranges.length; first += stride) {
    if (signal.aborted) return undefined;
    const some = ranges.slice(first, first + stride);
    const hashed = await hashChunks(virtual.read(some[0]!.start, some.at(-1)!.end), some);
    hashes = Buffer.concat([hashes, hashed]);
    // The last of them are written with the transaction that they are for.
    if (first + stride < ranges.length) await bundles.saveHashes(id, hashes);
  }
  return hashes;
}
