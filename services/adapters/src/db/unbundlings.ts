import type { Knex } from 'knex';
import { type BundleItem, itemsAt } from './item-bytes.ts';
import { AGO } from './time.ts';

/** An accepted item whose payload is to be unbundled. */
export interface ToUnbundle extends BundleItem {
  /** Bytes before the payload. */
  readonly payloadStart: number;
}

/** Where an item was found inside an accepted one. */
export interface NestedOffset {
  readonly id: Buffer;
  readonly parentId: Buffer;
  /** From the first byte of the accepted item. */
  readonly start: number;
  readonly startInParentPayload: number;
  readonly byteCount: number;
  /** Bytes before its own payload. */
  readonly payloadStart: number;
  readonly contentType: string | null;
}

/** A batch of offsets that waits to be written where they are looked up. */
export interface OffsetBatch {
  readonly itemId: Buffer;
  readonly batch: number;
}

/**
 * Accepted items that carry bundles, from acceptance until all that is in them can be looked up. A row that is
 * `waiting` is work for `unbundleBdi`, a batch of offsets is work for `putOffsets`: queues only wake workers for them.
 */
export class Unbundlings {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Those of a segment's items, or of a multipart upload's, that are still to be unbundled. */
  async waitingIn(segmentId: string): Promise<Buffer[]> {
    const result = await this.#db.raw<{ rows: { id: Buffer }[] }>(
      `select u.item_id as id from data_items i join unbundlings u on u.item_id = i.id
       where i.segment_id = ? and u.state = 'waiting'`,
      [segmentId],
    );
    return result.rows.map((row) => row.id);
  }

  /** An item that is still to be unbundled, with the place of its bytes. */
  async findWaiting(itemId: Buffer): Promise<ToUnbundle | undefined> {
    const result = await this.#db.raw<{ rows: { payloadStart: number }[] }>(
      `select i.payload_start as "payloadStart" from unbundlings u join data_items i on i.id = u.item_id
       where u.item_id = ? and u.state = 'waiting'`,
      [itemId],
    );
    const [item] = await itemsAt(this.#db, 'i.id = ?', [itemId]);
    return result.rows[0] && item && { ...item, ...result.rows[0] };
  }

  /** Keeps a batch of what was found, in their order, until it is written. Kept twice, it is kept once. */
  async keep({ itemId, batch }: OffsetBatch, offsets: readonly NestedOffset[]): Promise<void> {
    const rows = offsets.map(({ id, parentId, ...offset }) => ({
      ...offset,
      id: id.toString('hex'),
      parentId: parentId.toString('hex'),
    }));
    await this.#db.raw(
      `insert into offset_batches (root_item_id, batch, offsets) select item_id, ?::integer, ?::jsonb
       from unbundlings where item_id = ? and state = 'waiting'
       on conflict do nothing`,
      [batch, JSON.stringify(rows), itemId],
    );
  }

  /**
   * waiting → parsed: everything that was found is kept in batches; or done, when they have all been written.
   *
   * @param problems how many entries could not be read, by why
   * @param bridges optical bridges that are to be told of what was found, once all of it is written
   * @returns false when another worker was first
   */
  markParsed(
    itemId: Buffer,
    items: number,
    problems: Readonly<Record<string, number>>,
    bridges: readonly string[] = [],
  ): Promise<boolean> {
    return this.#db.transaction(async (trx) => {
      // Locked first: whether a batch is left must be seen as it is after those who are writing the last one.
      await lock(trx, itemId);
      const result = await trx.raw(
        `update unbundlings set items = ?, problems = ?::jsonb, state = 'parsed', moved_at = now()
         where item_id = ? and state = 'waiting'`,
        [items, JSON.stringify(problems), itemId],
      );
      await markWritten(trx, itemId, bridges);
      return result.rowCount > 0;
    });
  }

  /** Ends an unbundling that cannot succeed. False when another worker was first. */
  async fail(itemId: Buffer, reason: string): Promise<boolean> {
    const result = await this.#db.raw(
      `update unbundlings set state = 'failed', failed_reason = ?, moved_at = now()
       where item_id = ? and state = 'waiting'`,
      [reason, itemId],
    );
    return result.rowCount > 0;
  }

  /**
   * Writes a batch where offsets are looked up, and forgets it. Written again, it changes nothing.
   *
   * @returns how many offsets the batch had, and whether it was its item's last one; undefined when there is no such batch
   */
  write(
    { itemId, batch }: OffsetBatch,
    bridges: readonly string[] = [],
  ): Promise<{ offsets: number; last: boolean } | undefined> {
    return this.#db.transaction(async (trx) => {
      // Locked: of two workers that write an item's last two batches, one must see that nothing is left.
      await lock(trx, itemId);
      const written = await trx.raw<{ rows: { offsets: number }[] }>(
        `with batch as (
           delete from offset_batches where root_item_id = ? and batch = ? returning root_item_id, offsets
         ), written as (
           insert into nested_items (root_item_id, start_in_root, id, parent_id, start_in_parent_payload, byte_count,
             payload_start, content_type)
           select b.root_item_id, o.start, decode(o.id, 'hex'), decode(o."parentId", 'hex'), o."startInParentPayload",
             o."byteCount", o."payloadStart", o."contentType"
           from batch b, jsonb_to_recordset(b.offsets) as o(start bigint, id text, "parentId" text,
             "startInParentPayload" bigint, "byteCount" bigint, "payloadStart" integer, "contentType" text)
           on conflict do nothing
         )
         select jsonb_array_length(offsets) as offsets from batch`,
        [itemId, batch],
      );
      const [row] = written.rows;
      return row && { offsets: row.offsets, last: await markWritten(trx, itemId, bridges) };
    });
  }

  /**
   * Items to be unbundled that nobody has looked at for `olderThanMs`, those first that were looked at longest ago; each
   * is taken as looked at now.
   */
  async takeStill(olderThanMs: number, limit: number): Promise<Buffer[]> {
    const result = await this.#db.raw<{ rows: { id: Buffer }[] }>(
      `update unbundlings set checked_at = now() where item_id in (
         select item_id from unbundlings where state = 'waiting' and checked_at <= ${AGO}
         order by checked_at limit ? for update skip locked
       ) returning item_id as id`,
      [olderThanMs, limit],
    );
    return result.rows.map((row) => row.id);
  }

  /** The same for batches that are to be written. */
  async takeStillBatches(olderThanMs: number, limit: number): Promise<OffsetBatch[]> {
    const result = await this.#db.raw<{ rows: OffsetBatch[] }>(
      `update offset_batches set checked_at = now() where (root_item_id, batch) in (
         select root_item_id, batch from offset_batches where checked_at <= ${AGO}
         order by checked_at limit ? for update skip locked
       ) returning root_item_id as "itemId", batch`,
      [olderThanMs, limit],
    );
    return result.rows;
  }

  /** Forgets unbundlings that ended `olderThanMs` ago. @returns how many, at most `limit` */
  async forgetEnded(olderThanMs: number, limit: number): Promise<number> {
    const result = await this.#db.raw(
      `delete from unbundlings where item_id in (
         select item_id from unbundlings where state in ('done', 'failed') and moved_at <= ${AGO} limit ?)`,
      [olderThanMs, limit],
    );
    return result.rowCount;
  }
}

async function lock(trx: Knex, itemId: Buffer): Promise<void> {
  await trx.raw('select from unbundlings where item_id = ? for update', [itemId]);
}

/** parsed → done, when no batch is left. */
async function markWritten(trx: Knex, itemId: Buffer, bridges: readonly string[]): Promise<boolean> {
  const result = await trx.raw<{ rows: { items: number }[] }>(
    `update unbundlings set state = 'done', moved_at = now()
     where item_id = ? and state = 'parsed' and not exists (select from offset_batches where root_item_id = item_id)
     returning items`,
    [itemId],
  );
  const [done] = result.rows;
  if (done && done.items > 0 && bridges.length > 0) {
    await trx.raw(
      `insert into optical_deliveries (bridge, root_item_id) select unnest(?::text[]), ? on conflict do nothing`,
      [bridges, itemId] as never,
    );
  }
  return done !== undefined;
}
