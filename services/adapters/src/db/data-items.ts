import type { Knex } from 'knex';
import { afterAcceptance } from './after-acceptance.ts';
import type { RefundState } from './settlements.ts';

/** One object in the object store that holds the bytes of one or more items. */
export interface Segment {
  /** UUID. */
  readonly id: string;
  readonly objectKey: string;
  readonly byteCount: number;
}

/** What a receipt says; stored so that a duplicate is answered with the same receipt. */
export interface ReceiptFacts {
  readonly id: Buffer;
  readonly ownerAddress: string;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  readonly deadlineHeight: number;
  readonly winc: string;
  /** Fingerprint of the key that signed. */
  readonly receiptKey: string;
}

/** An item whose bytes are in a segment and whose signature is good. */
export interface AcceptedItem extends ReceiptFacts {
  readonly segmentOffset: number;
  readonly byteCount: number;
  /** Bytes before the payload. */
  readonly payloadStart: number;
  readonly contentType: string | null;
  readonly signatureType: number;
  readonly featureType: string;
  /** Whether its payload says that it is a bundle: then it is to be unbundled. */
  readonly carriesBundle: boolean;
  /** The span of its upload, as a W3C traceparent; undefined when that is not traced. */
  readonly traceParent?: string;
}

/** An item's row as duplicates see it. */
export interface KnownItem extends ReceiptFacts {
  readonly segmentId: string;
  readonly failed: boolean;
}

export interface ItemState extends ReceiptFacts {
  readonly byteCount: number;
  readonly payloadStart: number;
  readonly contentType: string | null;
  readonly failedReason: string | null;
  readonly bundleOffset: number | null;
  readonly bundleState: string | null;
  readonly bundleTxId: Buffer | null;
}

/** What those who follow an item are told. */
export interface ItemProgress {
  readonly id: Buffer;
  readonly byteCount: number;
  readonly failedReason: string | null;
  readonly bundleState: string | null;
  readonly bundleTxId: Buffer | null;
}

const receiptColumns = `
  i.id, i.owner_address as "ownerAddress",
  (extract(epoch from i.received_at) * 1000)::bigint as "receivedAt",
  i.deadline_height as "deadlineHeight", i.winc::text as winc, i.receipt_key as "receiptKey"`;

const itemColumns = `segment_offset, byte_count, payload_start, content_type, signature_type, owner_address, feature_type`;

/** Where nothing is traced the statement is the one that knows of no traces. */
const insertUntraced = insertItems('');
const insertTraced = insertItems(', traceparent');

function insertStatement(items: readonly AcceptedItem[]): string {
  return isTraced(items) ? insertTraced : insertUntraced;
}

const isTraced = (items: readonly AcceptedItem[]): boolean =>
  items.some(({ traceParent }) => traceParent !== undefined);

function columns(items: readonly AcceptedItem[]): unknown[][] {
  return [
    items.map((item) => item.id),
    items.map((item) => item.segmentOffset),
    items.map((item) => item.byteCount),
    items.map((item) => item.payloadStart),
    items.map((item) => item.contentType),
    items.map((item) => item.signatureType),
    items.map((item) => item.ownerAddress),
    items.map((item) => item.featureType),
    items.map((item) => item.receivedAt),
    items.map((item) => item.deadlineHeight),
    items.map((item) => item.winc),
    items.map((item) => item.receiptKey),
    ...(isTraced(items) ? [items.map((item) => item.traceParent ?? null)] : []),
  ];
}

/** @param more a further column of text */
function insertItems(more: string): string {
  return `
  insert into data_items (segment_id, id, ${itemColumns}, received_at, deadline_height, winc, receipt_key${more})
  select ?::uuid, id, ${itemColumns}, to_timestamp(received_ms / 1000.0), deadline_height, winc, receipt_key${more}
  from unnest(?::bytea[], ?::bigint[], ?::bigint[], ?::integer[], ?::text[], ?::smallint[], ?::text[], ?::text[],
              ?::bigint[], ?::integer[], ?::numeric[], ?::text[]${more && ', ?::text[]'})
    as item(id, ${itemColumns}, received_ms, deadline_height, winc, receipt_key${more})
  on conflict (id) do nothing
  returning id`;
}

/** The items of the upload side: accept, look up. */
export class DataItems {
  readonly #writer: Knex;
  readonly #reader: Knex;

  constructor(pools: { writer: Knex; reader: Knex }) {
    this.#writer = pools.writer;
    this.#reader = pools.reader;
  }

  /**
   * Records a segment and its items in one statement, which is one transaction.
   *
   * @param bridges optical bridges that are to be told of them
   * @returns the ids that were new, base64url; the others were known before (or by an earlier try of this call)
   */
  async insertGroup(
    segment: Segment,
    items: readonly AcceptedItem[],
    bridges: readonly string[] = [],
  ): Promise<Set<string>> {
    // Sorted, because two groups that insert the same ids in different orders could deadlock.
    const sorted = [...items].sort((a, b) => a.id.compare(b.id));
    const after = afterAcceptance(segment.id, items, bridges);
    const result = await this.#writer.raw<{ rows: { id: Buffer }[] }>(
      `with segment as (
         insert into segments (id, object_key, byte_count) values (?, ?, ?) on conflict do nothing
       ), accepted as (${insertStatement(items)})
       ${after.sql}
       select id from accepted`,
      [segment.id, segment.objectKey, segment.byteCount, segment.id, ...columns(sorted), ...after.bindings] as never,
    );
    return new Set(result.rows.map((row) => row.id.toString('base64url')));
  }

  /**
   * Records an item whose bytes are the parts of a multipart upload: its segment is the upload. False when the item was
   * known before.
   */
  async insertAssembled(uploadId: string, item: AcceptedItem, bridges: readonly string[] = []): Promise<boolean> {
    const after = afterAcceptance(uploadId, [item], bridges);
    const result = await this.#writer.raw(
      `with accepted as (${insertStatement([item])})
       ${after.sql}
       select id from accepted`,
      [uploadId, ...columns([item]), ...after.bindings] as never,
    );
    return result.rowCount > 0;
  }

  /**
   * Gives an item that had ended as failed another life, with the bytes just uploaded.
   *
   * @param refund what `Settlements.refundState` said before its price was reserved. One that waits is forgotten: what was
   *   paid for the first life pays for the second.
   * @returns `refunding` when that has changed since, so that nobody may have paid
   */
  async revive(
    segment: Pick<Segment, 'id'>,
    item: AcceptedItem,
    bridges: readonly string[] = [],
    refund: RefundState = 'none',
  ): Promise<'revived' | 'not failed' | 'refunding'> {
    try {
      return await this.#writer.transaction(async (trx) => {
        if (!(await reviveIn(trx, segment, item, bridges))) return 'not failed';
        // After the row is ours: a failure that is noted at this very moment is seen with its refund.
        if (item.winc !== '0') await claimPayment(trx, item.id, refund);
        return 'revived';
      });
    } catch (error) {
      if (error instanceof BeingRefunded) return 'refunding';
      throw error;
    }
  }

  /** The rows of those ids that exist, by id (base64url), as the writer sees them. */
  async findKnown(ids: readonly Buffer[]): Promise<Map<string, KnownItem>> {
    const result = await this.#writer.raw<{ rows: KnownItem[] }>(
      `select ${receiptColumns}, i.segment_id as "segmentId", i.failed_at is not null as failed
       from data_items i where i.id = any(?::bytea[])`,
      [ids as never],
    );
    return new Map(result.rows.map((row) => [row.id.toString('base64url'), row]));
  }

  /** Where an item is on its way; undefined when it was never accepted. */
  async findState(id: Buffer): Promise<ItemState | undefined> {
    // A replica may be behind: an item that was accepted a moment ago must not be unknown.
    return (
      (await this.#state(this.#reader, id)) ??
      (this.#reader === this.#writer ? undefined : this.#state(this.#writer, id))
    );
  }

  /**
   * Where those of the items are that exist, by id (base64url), in one query. From a replica that is behind they are
   * told late, and never wrong.
   */
  async findProgress(ids: readonly Buffer[]): Promise<Map<string, ItemProgress>> {
    const result = await this.#reader.raw<{ rows: ItemProgress[] }>(
      `select i.id, i.byte_count as "byteCount", i.failed_reason as "failedReason", b.state as "bundleState",
         b.tx_id as "bundleTxId"
       from data_items i left join bundles b on b.id = i.bundle_id where i.id = any(?::bytea[])`,
      [ids as never],
    );
    return new Map(result.rows.map((row) => [row.id.toString('base64url'), row]));
  }

  async #state(db: Knex, id: Buffer): Promise<ItemState | undefined> {
    const result = await db.raw<{ rows: ItemState[] }>(
      `select ${receiptColumns}, i.byte_count as "byteCount", i.payload_start as "payloadStart",
         i.content_type as "contentType", i.failed_reason as "failedReason", i.bundle_offset as "bundleOffset",
         b.state as "bundleState", b.tx_id as "bundleTxId"
       from data_items i left join bundles b on b.id = i.bundle_id where i.id = ?`,
      [id],
    );
    return result.rows[0];
  }
}

/** Undoes a transaction that would have let an item live for which nobody pays. */
class BeingRefunded extends Error {}

/** Keeps the payment of an item's first life, if it waits to be refunded. @throws BeingRefunded */
async function claimPayment(trx: Knex, itemId: Buffer, expected: RefundState): Promise<void> {
  // Locked: who takes it for a refund at this moment either sees what becomes of it, or is seen.
  const found = await trx.raw<{ rows: { state: RefundState }[] }>(
    'select state from payment_refunds where item_id = ? for update',
    [itemId],
  );
  const state = found.rows[0]?.state ?? 'none';
  if (state !== expected || state === 'sending') throw new BeingRefunded();
  if (state === 'waiting') await trx.raw('delete from payment_refunds where item_id = ?', [itemId]);
}

async function reviveIn(
  trx: Knex,
  segment: Pick<Segment, 'id'>,
  item: AcceptedItem,
  bridges: readonly string[],
): Promise<boolean> {
  const after = afterAcceptance(segment.id, [item], bridges);
  const result = await trx.raw(
    `with accepted as (
         update data_items i set segment_id = ?, segment_offset = ?, byte_count = ?, payload_start = ?,
           received_at = to_timestamp(?::bigint / 1000.0), deadline_height = ?, winc = ?, receipt_key = ?,
           traceparent = ?, bundle_id = null, bundle_offset = null, failed_bundles = 0, failed_at = null, failed_reason = null
         where i.id = ? and i.failed_at is not null
         returning id
       )
       ${after.sql}
       select id from accepted`,
    [
      segment.id,
      item.segmentOffset,
      item.byteCount,
      item.payloadStart,
      item.receivedAt,
      item.deadlineHeight,
      item.winc,
      item.receiptKey,
      item.traceParent ?? null,
      item.id,
      ...after.bindings,
    ] as never,
  );
  return result.rowCount > 0;
}
