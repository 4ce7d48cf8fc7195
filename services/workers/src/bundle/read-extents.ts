import type { Extent, ReadRange } from '@bundler/adapters';
import type { ReadBytes } from '@bundler/ans104';

/** Reads extents, one after another, as if they were one run of bytes. */
export function readExtents(extents: readonly Extent[], read: ReadRange): ReadBytes {
  return async function* readAcross(start, end) {
    let offset = 0;
    for (const { objectKey, start: objectStart, byteCount } of extents) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, byteCount);
      if (from < to) yield* read(objectKey, objectStart + from, objectStart + to);
      offset += byteCount;
    }
  };
}
