import { isSignatureTypeId } from '@bundler/ans104';

/** Bytes that say as whatever type of key an item is signed: a little-endian number. */
const TYPE_BYTES = 2;

/**
 * Tells unsigned data from a signed item where either may come: what does not begin with a signature type that we know is no item.
 * Of data that happens to begin with one this cannot be said, which is why unsigned data has a route of its own. No bytes at all are
 * no data either, but an upload that went wrong.
 *
 * @returns whether it is unsigned, and the body as if nothing had been read of it
 */
export async function detectUnsigned(
  source: AsyncIterable<Buffer>,
): Promise<{ readonly unsigned: boolean; readonly body: AsyncIterable<Buffer> }> {
  const pieces = source[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  let first = Buffer.alloc(0);
  while (first.length < TYPE_BYTES) {
    const next = await pieces.next();
    if (next.done) break;
    read.push(next.value);
    first = Buffer.concat([first, next.value.subarray(0, TYPE_BYTES)]);
  }
  const signed = first.length >= TYPE_BYTES && isSignatureTypeId(first.readUInt16LE());
  return { unsigned: first.length > 0 && !signed, body: joined(read, pieces) };
}

async function* joined(read: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield* read;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
