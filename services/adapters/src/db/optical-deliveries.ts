import type { Knex } from 'knex';
import { type Extent, itemsAt } from './item-bytes.ts';
import { partsOf } from './multipart-parts.ts';
import { AGO } from './time.ts';

/** Items whose headers are to be posted to one bridge, in the order of their bytes. */
export interface OpticalDelivery {
  readonly id: number;
  /** UUID of the segment, or multipart upload, whose items they are. */
  readonly segmentId: string | null;
  /** The accepted item inside of which they are. */
  readonly rootItemId: Buffer | null;
  /** Where the last one that was posted starts; -1 before the first. */
  readonly position: number;
}

/** One item whose header is to be posted. */
export interface OpticalItem {
  readonly id: Buffer;
  /** Where it starts in the bytes of its delivery. */
  readonly position: number;
  /** Bytes of its header. */
  readonly payloadStart: number;
  readonly byteCount: number;
  /** When it was accepted, Unix milliseconds. */
  readonly receivedAt: number;
}

/** What one post has settled. */
export interface Settled {
  /** Deliveries of which nothing is left. */
  readonly ended: readonly number[];
  /** The one of which something is left, and from where. */
  readonly advanced?: { readonly id: number; readonly position: number } | undefined;
}

/** What is still to be posted to the bridges. A row is work to be done: queues only wake workers for it. */
export class OpticalDeliveries {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** A bridge's oldest deliveries, oldest first. */
  async oldest(bridge: string, limit: number): Promise<OpticalDelivery[]> {
    const result = await this.#db.raw<{ rows: OpticalDelivery[] }>(
      `select id, segment_id as "segmentId", root_item_id as "rootItemId", position
       from optical_deliveries where bridge = ? order by id limit ?`,
      [bridge, limit],
    );
    return result.rows;
  }

  /** The next items of a delivery. */
  async items({ rootItemId, segmentId, position }: OpticalDelivery, limit: number): Promise<OpticalItem[]> {
    const result = await this.#db.raw<{ rows: OpticalItem[] }>(
      rootItemId === null
        ? `select i.id, i.segment_offset as position, i.payload_start as "payloadStart", i.byte_count as "byteCount",
             (extract(epoch from i.received_at) * 1000)::bigint as "receivedAt"
           from data_items i where i.segment_id = ?::uuid and i.segment_offset > ? order by i.segment_offset limit ?`
        : `select n.id, n.start_in_root as position, n.payload_start as "payloadStart", n.byte_count as "byteCount",
             (extract(epoch from i.received_at) * 1000)::bigint as "receivedAt"
           from nested_items n join data_items i on i.id = n.root_item_id
           where n.root_item_id = ? and n.start_in_root > ? order by n.start_in_root limit ?`,
      [rootItemId ?? segmentId, position, limit] as never,
    );
    return result.rows;
  }

  /** Where the bytes of a delivery are; nothing when its objects are gone. */
  async extents({ rootItemId, segmentId }: OpticalDelivery): Promise<readonly Extent[]> {
    if (rootItemId !== null) return (await itemsAt(this.#db, 'i.id = ?', [rootItemId])).flatMap((item) => item.extents);
    const segments = await this.#db.raw<{ rows: Extent[] }>(
      'select object_key as "objectKey", 0 as start, byte_count as "byteCount" from segments where id = ?',
      [segmentId],
    );
    if (segments.rows.length > 0) return segments.rows;
    const parts = (await partsOf(this.#db, [segmentId!])).get(segmentId!) ?? [];
    return parts.map(({ objectKey, byteCount }) => ({ objectKey, start: 0, byteCount }));
  }

  /** Notes in one transaction what a post has settled. */
  async settle({ ended, advanced }: Settled): Promise<void> {
    await this.#db.raw(
      `with advanced as (update optical_deliveries set position = ? where id = ?)
       delete from optical_deliveries where id = any(?::bigint[])`,
      [advanced?.position ?? 0, advanced?.id ?? 0, ended] as never,
    );
  }

  /** Those of the bridges that something older than `olderThanMs` waits for. */
  async behind(bridges: readonly string[], olderThanMs: number): Promise<string[]> {
    const result = await this.#db.raw<{ rows: { bridge: string }[] }>(
      `select b.bridge from unnest(?::text[]) as b(bridge) where exists (
         select from optical_deliveries d where d.bridge = b.bridge
           and d.created_at <= ${AGO})`,
      [bridges, olderThanMs] as never,
    );
    return result.rows.map((row) => row.bridge);
  }

  /** Gives up what has waited for `olderThanMs`. @returns the bridge of each delivery, at most `limit` */
  async giveUp(olderThanMs: number, limit: number): Promise<string[]> {
    const result = await this.#db.raw<{ rows: { bridge: string }[] }>(
      `delete from optical_deliveries where id in (
         select id from optical_deliveries where created_at <= ${AGO} limit ?)
       returning bridge`,
      [olderThanMs, limit],
    );
    return result.rows.map((row) => row.bridge);
  }
}
