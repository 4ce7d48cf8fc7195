import { BundleHeaderError } from './errors.ts';
import { readUnsigned, writeUnsigned } from './little-endian.ts';

/** One entry of a bundle header as it is written. */
export interface BundleEntry {
  /** Id of the data item, 32 bytes. */
  id: Uint8Array;
  /** Bytes of the data item, header included. */
  byteCount: number;
}

/** One entry of a bundle header as it is read. */
export interface LocatedEntry {
  /** Id of the data item, 32 bytes, a view of the bytes it was read from. */
  id: Buffer;
  byteCount: number;
  /** Where the data item starts, in bytes from the start of the bundle. */
  offset: number;
}

const NUMBER_BYTES = 32;
const ID_BYTES = 32;
const ENTRY_BYTES = NUMBER_BYTES + ID_BYTES;

/** The length in bytes of the header of a bundle of `count` items. */
export function bundleHeaderByteCount(count: number): number {
  return NUMBER_BYTES + count * ENTRY_BYTES;
}

/**
 * Writes the header of a bundle (ANS-104, section 2): the number of items, then the size and id of each. The items
 * follow it in this order.
 *
 * @throws BundleHeaderError for an id that is not 32 bytes or a size that is no whole number of bytes
 */
export function encodeBundleHeader(items: readonly BundleEntry[]): Buffer {
  const header = Buffer.alloc(bundleHeaderByteCount(items.length));
  writeUnsigned(header, 0, items.length);
  for (const [index, { id, byteCount }] of items.entries()) {
    checkEntry(index, id, byteCount);
    const start = bundleHeaderByteCount(index);
    writeUnsigned(header, start, byteCount);
    header.set(id, start + NUMBER_BYTES);
  }
  return header;
}

/**
 * Reads the header at the start of a bundle. Nothing is made by a number it declares before its bytes are there.
 *
 * @param options.maxItems refuse a bundle that declares more items than this
 * @returns the entries with their place in the bundle and the length of the whole bundle in bytes; `undefined` while
 *   more bytes are needed
 * @throws BundleHeaderError when there are too many items or sizes add up beyond `Number.MAX_SAFE_INTEGER`
 */
export function parseBundleHeader(
  bytes: Uint8Array,
  { maxItems }: { maxItems: number },
): { items: LocatedEntry[]; byteCount: number } | undefined {
  const count = readItemCount(bytes, { maxItems });
  if (count === undefined || bytes.length < bundleHeaderByteCount(count)) return undefined;
  return locateEntries(bytes, count);
}

/**
 * Reads how many items the header at the start of a bundle declares, which is how long that header is.
 *
 * @returns `undefined` while more bytes are needed
 * @throws BundleHeaderError when there are more than `options.maxItems`
 */
export function readItemCount(bytes: Uint8Array, { maxItems }: { maxItems: number }): number | undefined {
  if (bytes.length < NUMBER_BYTES) return undefined;
  const count = readUnsigned(bytes, 0, NUMBER_BYTES);
  if (count !== undefined && count <= maxItems) return count;
  throw new BundleHeaderError(
    'too_many_items',
    `the bundle declares ${count ?? 'countless'} items; at most ${maxItems} are allowed`,
  );
}

function locateEntries(bytes: Uint8Array, count: number): { items: LocatedEntry[]; byteCount: number } {
  const items: LocatedEntry[] = [];
  let offset = bundleHeaderByteCount(count);
  for (let index = 0; index < count; index += 1) {
    const start = bundleHeaderByteCount(index);
    const byteCount = readUnsigned(bytes, start, NUMBER_BYTES);
    if (byteCount === undefined || !Number.isSafeInteger(offset + byteCount)) {
      throw new BundleHeaderError(
        'number_too_large',
        `item ${index} of the bundle declares more bytes than can be counted`,
      );
    }
    const id = Buffer.from(bytes.buffer, bytes.byteOffset + start + NUMBER_BYTES, ID_BYTES);
    items.push({ id, byteCount, offset });
    offset += byteCount;
  }
  return { items, byteCount: offset };
}

function checkEntry(index: number, id: Uint8Array, byteCount: number): void {
  if (id.length !== ID_BYTES) {
    throw new BundleHeaderError(
      'invalid_item_id',
      `the id of item ${index} has ${id.length} bytes; it must have ${ID_BYTES}`,
    );
  }
  if (!Number.isSafeInteger(byteCount) || byteCount < 0) {
    throw new BundleHeaderError(
      'invalid_item_size',
      `the size of item ${index} is ${byteCount}; it must be a whole number`,
    );
  }
}
