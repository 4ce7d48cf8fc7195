/** Pieces from this size on are passed as they are. */
const LARGE_BYTES = 4096;
/** Small pieces are joined when there are so many of them, or so many bytes. */
const MANY = 512;
const JOINED_BYTES = 64 * 1024;

/**
 * Joins small pieces of a stream. Each piece costs hundreds of bytes of memory besides its own: a client that sends
 * a body byte by byte would otherwise fill a process with 3 MB of its patience.
 */
export async function* coalesce(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let small: Buffer[] = [];
  let byteCount = 0;
  for await (const piece of pieces) {
    if (small.length === 0 && piece.length >= LARGE_BYTES) {
      yield piece;
      continue;
    }
    small.push(piece);
    byteCount += piece.length;
    if (small.length < MANY && byteCount < JOINED_BYTES) continue;
    yield Buffer.concat(small, byteCount);
    small = [];
    byteCount = 0;
  }
  if (small.length > 0) yield small.length === 1 ? small[0]! : Buffer.concat(small, byteCount);
}
