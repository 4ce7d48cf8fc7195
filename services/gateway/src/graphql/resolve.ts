import { DataReader } from '../chunks/data-reader.ts';
import { readItemHeader } from '../items/read-item-header.ts';
import type { GatewayParts } from '../parts.ts';
import { tagValue } from '../tx/tags.ts';
import { itemRecord, type MinedRecord, txRecord } from './record.ts';
import { cursorOf, type Query, select } from './select.ts';

/** What GraphQL calls at the root of a query. */
export function rootResolver(parts: GatewayParts) {
  return {
    transaction: ({ id }: { id: string }) => {
      const [record] = candidates(parts, { ids: [id] });
      return record ? node(parts, record) : null;
    },
    transactions: (query: Query) => {
      const { records, hasNextPage } = select(candidates(parts, query), query);
      return {
        pageInfo: { hasNextPage },
        edges: records.map((record) => ({ cursor: cursorOf(record), node: node(parts, record) })),
      };
    },
  };
}

/** Narrows by the indexes there are (id, bundle), so that only open queries walk through everything. */
function* candidates({ chain, index }: GatewayParts, { ids, bundledIn }: Query): Generator<MinedRecord> {
  const { txs } = chain.state;
  const items = (): Iterable<Parameters<typeof itemRecord>[0]> => {
    if (ids) return ids.flatMap((id) => index.placesOf(id).slice(0, 1));
    return bundledIn ? bundledIn.flatMap((bundle) => index.itemsOf(bundle)) : index.all();
  };
  for (const entry of ids ? ids.flatMap((id) => txs.get(id) ?? []) : txs.values()) {
    if (entry.height !== undefined) yield txRecord(entry, entry.height);
  }
  for (const item of items()) {
    const height = txs.get(item.bundle)?.height;
    if (height !== undefined) yield itemRecord(item, height);
  }
}

function node(parts: GatewayParts, record: MinedRecord) {
  const block = parts.chain.state.blocks[record.height];
  return {
    id: record.id,
    anchor: record.anchor,
    recipient: record.recipient,
    owner: { address: record.address, key: () => ownerKey(parts, record) },
    tags: record.tags,
    data: { size: String(record.dataSize), type: tagValue(record.tags, 'content-type') ?? null },
    block: block && {
      id: block.indepHash,
      timestamp: block.timestamp,
      height: block.height,
      previous: block.previousBlock,
    },
    bundledIn: record.bundle === undefined ? null : { id: record.bundle },
  };
}

/** An item's key is read from its bundle: half a kilobyte an item is too much to keep in memory. */
async function ownerKey({ chain, store }: GatewayParts, { source }: MinedRecord): Promise<string> {
  if ('header' in source) return source.header.owner;
  const bundle = chain.state.txs.get(source.bundle);
  if (!bundle) throw new Error(`The bundle ${source.bundle} of ${source.id} was orphaned while it was read`);
  const reader = new DataReader(store, { dataRoot: bundle.header.data_root, size: bundle.size });
  return (await readItemHeader(reader, source.offset, source.size)).owner.toString('base64url');
}
