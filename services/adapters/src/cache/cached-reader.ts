import type { ObjectStore } from '../object-store/port.ts';
import type { ObjectCache } from './object-cache.ts';

/** How stages read item bytes. */
export type ReadRange = (key: string, start: number, end: number) => AsyncIterable<Buffer>;

/** Bytes asked of the cache at once. */
const PIECE_BYTES = 1024 * 1024;

/** Reads from the cache what is there and from the store what is not. */
export function cachedReader(store: ObjectStore, cache: ObjectCache): ReadRange {
  return async function* read(key, start, end) {
    let position = start;
    while (position < end) {
      const piece = await cache.read(key, position, Math.min(position + PIECE_BYTES, end));
      if (!piece) break;
      position += piece.length;
      yield piece;
    }
    if (position < end) yield* store.read(key, position, end);
  };
}
