/**
 * Gives the memory of a piece back at once. V8 does so when it collects, and it collects for the sake of bytes outside of its heap
 * only when they have grown by some 64 MiB: a stream of gigabytes, in pieces of 64 KiB that nobody needs any more, would make a process
 * so much larger. What shares its memory with others, as small buffers do, is left alone.
 */
export function release(piece: Buffer): void {
  const { buffer } = piece;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === piece.byteLength) buffer.transfer(0);
}
