import { type DataItemHeader, parseDataItemHeader } from '@bundler/ans104';
import type { DataReader } from '../chunks/data-reader.ts';

const FIRST_READ_BYTES = 2048;

/**
 * Reads the header of the data item at `offset` of a bundle, growing the part it looks at as needed.
 *
 * @throws DataItemError if the bytes are no data item.
 * @throws RangeError if the item ends before its header does.
 */
export async function readItemHeader(
  reader: Pick<DataReader, 'bytes'>,
  offset: number,
  size: number,
): Promise<DataItemHeader> {
  for (let length = FIRST_READ_BYTES; ; length *= 4) {
    const end = offset + Math.min(length, size);
    const header = parseDataItemHeader(await reader.bytes(offset, end));
    if (header && header.length <= size) return header;
    if (header || length >= size) throw new RangeError(`The data item at ${offset} is shorter than its header`);
  }
}
