import type { Knex } from 'knex';
import { partsOf } from './multipart-parts.ts';

/** A range of bytes in an object. */
export interface Extent {
  readonly objectKey: string;
  readonly start: number;
  readonly byteCount: number;
}

/** One item of a bundle: who, how long, and where its bytes are. */
export interface BundleItem {
  readonly id: Buffer;
  readonly byteCount: number;
  /** One after another they are the item: one extent, or one for each part of a multipart upload. */
  readonly extents: readonly Extent[];
}

interface ItemRow {
  readonly id: Buffer;
  readonly byteCount: number;
  readonly segmentId: string;
  /** Null: the segment is a multipart upload. */
  readonly objectKey: string | null;
  readonly segmentOffset: number;
}

/** The items (`i`) that a condition, and an order, choose, with the place of their bytes. */
export async function itemsAt(db: Knex, where: string, bindings: readonly Knex.RawBinding[]): Promise<BundleItem[]> {
  const result = await db.raw<{ rows: ItemRow[] }>(
    `select i.id, i.byte_count as "byteCount", i.segment_id as "segmentId", s.object_key as "objectKey",
       i.segment_offset as "segmentOffset"
     from data_items i left join segments s on s.id = i.segment_id where ${where}`,
    bindings,
  );
  const inParts = result.rows.filter((row) => row.objectKey === null).map((row) => row.segmentId);
  const parts = await partsOf(db, inParts);
  return result.rows.map(({ segmentId, objectKey, segmentOffset, ...item }) => ({
    ...item,
    extents:
      objectKey === null
        ? (parts.get(segmentId) ?? []).map((part) => ({
            objectKey: part.objectKey,
            start: 0,
            byteCount: part.byteCount,
          }))
        : [{ objectKey, start: segmentOffset, byteCount: item.byteCount }],
  }));
}
