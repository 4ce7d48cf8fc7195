import { createHash } from 'node:crypto';
import { parseBundleHeader } from '@bundler/ans104';
import type { DataReader } from '../chunks/data-reader.ts';
import type { DataItem } from './data-item.ts';
import { readItemHeader } from './read-item-header.ts';

const COUNT_BYTES = 32;
const ENTRY_BYTES = 64;
const FIRST_READ_BYTES = 65_536;

/** The table is held in memory while its items are read: 64 MiB of it, however large the bundle. */
const MAX_ITEMS = 2 ** 20;

/** All that is needed of where the bundle's bytes are. */
type BundleReader = Pick<DataReader, 'bytes'>;

/** What `unbundle` finds at one entry of the bundle's table: an item, or why there is none. */
export type Unbundled = DataItem | { readonly id: string; readonly problem: string };

/**
 * Walks through the ANS-104 bundle that transaction `bundle` carries. An entry that is no data item, or whose id is
 * not that of the item, is reported and skipped, as indexers on the network do.
 *
 * @throws Error if the bundle's own table is malformed or too long.
 */
export async function* unbundle(reader: BundleReader, bundle: string, size: number): AsyncGenerator<Unbundled> {
  const { items, byteCount } = await readTable(reader, size);
  if (byteCount > size) throw new RangeError(`The bundle says ${byteCount} bytes, its transaction has ${size}`);
  for (const { id, offset, byteCount: itemSize } of items) {
    yield await readItem(reader, { id: id.toString('base64url'), bundle, offset, size: itemSize });
  }
}

type Table = NonNullable<ReturnType<typeof parseBundleHeader>>;

/** The table's own length bounds what is read: no more entries are believed than the data has room for. */
async function readTable(reader: BundleReader, size: number): Promise<Table> {
  const maxItems = Math.min(MAX_ITEMS, Math.max(0, Math.floor((size - COUNT_BYTES) / ENTRY_BYTES)));
  for (let length = FIRST_READ_BYTES; ; length *= 4) {
    const table = parseBundleHeader(await reader.bytes(0, Math.min(length, size)), { maxItems });
    if (table) return table;
    if (length >= size) throw new RangeError('The bundle ends within its table of items');
  }
}

async function readItem(
  reader: BundleReader,
  place: Pick<DataItem, 'id' | 'bundle' | 'offset' | 'size'>,
): Promise<Unbundled> {
  try {
    const header = await readItemHeader(reader, place.offset, place.size);
    const id = header.id.toString('base64url');
    if (id !== place.id) return { id: place.id, problem: `the item at this place has the id ${id}` };
    return {
      ...place,
      dataOffset: place.offset + header.length,
      address: createHash('sha256').update(header.owner).digest('base64url'),
      target: header.target.toString('base64url'),
      anchor: header.anchor.toString('base64url'),
      tags: header.tags.map(({ name, value }) => ({ name, value })),
    };
  } catch (error) {
    return { id: place.id, problem: error instanceof Error ? error.message : String(error) };
  }
}
