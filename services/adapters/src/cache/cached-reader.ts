import type { ObjectCache } from './object-cache.ts';

/** How stages read item bytes. */
export type ReadRange = (key: string, start: number, end: number) => AsyncIterable<Buffer>;

/** Bytes asked of the cache at once. */
const PIECE_BYTES = 1024 * 1024;

/** Reads from the cache what is there, and what is not as `stored` does. */
export function cachedReader(stored: ReadRange, cache: ObjectCache): ReadRange {
  return async function* read(key, start, end) {
    let position = start;
    while (position < end) {
      const piece = await cache.read(key, position, Math.min(position + PIECE_BYTES, end));
      if (!piece) break;
      position += piece.length;
      yield piece;
    }
    if (position < end) yield* stored(key, position, end);
  };
}
