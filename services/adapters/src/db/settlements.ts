import type { Knex } from 'knex';
import { AGO } from './time.ts';

/**
 * Whether an item that failed is still to be refunded: no (any more), yes, or the payment service is being told, so that
 * it may be done already.
 */
export type RefundState = 'none' | 'waiting' | 'sending';

/** How much of one kind waits, and how long the first of it has waited, seconds. */
export interface Waiting {
  readonly count: number;
  readonly ageSeconds: number;
}

/** What the payment service is still to be told of items that were paid for. Queues only wake workers for it. */
export class Settlements {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** The items of a segment, or of a multipart upload, that were paid for and have not failed. */
  async paidItems(segmentId: string): Promise<Buffer[]> {
    const result = await this.#db.raw<{ rows: { id: Buffer }[] }>(
      'select id from data_items where segment_id = ? and winc > 0 and failed_at is null',
      [segmentId],
    );
    return result.rows.map(({ id }) => id);
  }

  /** Notes that the items of a segment are captured. */
  async markCaptured(segmentId: string): Promise<void> {
    await this.#db.raw('delete from payment_captures where segment_id = ?', [segmentId]);
  }

  /** Segments with items to be captured that nobody has looked at for `olderThanMs`; each is taken as looked at now. */
  async takeStillCaptures(olderThanMs: number, limit: number): Promise<string[]> {
    const result = await this.#db.raw<{ rows: { id: string }[] }>(
      `update payment_captures set checked_at = now() where segment_id in (
         select segment_id from payment_captures where checked_at <= ${AGO}
         order by checked_at limit ? for update skip locked
       ) returning segment_id as id`,
      [olderThanMs, limit],
    );
    return result.rows.map(({ id }) => id);
  }

  /** What is still to be told, by what it is. */
  async waiting(): Promise<{ readonly capture: Waiting; readonly refund: Waiting }> {
    const of = (table: string): string =>
      `(select json_build_object('count', count(*),
         'ageSeconds', coalesce(extract(epoch from now() - min(noted_at)), 0)) from ${table})`;
    const result = await this.#db.raw<{ rows: { capture: Waiting; refund: Waiting }[] }>(
      `select ${of('payment_captures')} as capture, ${of('payment_refunds')} as refund`,
    );
    return result.rows[0]!;
  }

  async refundState(itemId: Buffer): Promise<RefundState> {
    const result = await this.#db.raw<{ rows: { state: RefundState }[] }>(
      'select state from payment_refunds where item_id = ?',
      [itemId],
    );
    return result.rows[0]?.state ?? 'none';
  }

  /** Takes items that are to be refunded, those first that were taken longest ago. From now on it may have been done. */
  async takeRefunds(limit: number): Promise<Buffer[]> {
    const result = await this.#db.raw<{ rows: { id: Buffer }[] }>(
      `update payment_refunds set state = 'sending', checked_at = now() where item_id in (
         select item_id from payment_refunds order by checked_at limit ? for update skip locked
       ) returning item_id as id`,
      [limit],
    );
    return result.rows.map(({ id }) => id);
  }

  /** Notes that items have been refunded. */
  async markRefunded(itemIds: readonly Buffer[]): Promise<void> {
    await this.#db.raw(`delete from payment_refunds where item_id = any(?::bytea[]) and state = 'sending'`, [
      itemIds as never,
    ]);
  }

  /** Whether something is to be refunded that nobody has looked at for `olderThanMs`. */
  async isRefundStill(olderThanMs: number): Promise<boolean> {
    const result = await this.#db.raw(`select from payment_refunds where checked_at <= ${AGO} limit 1`, [olderThanMs]);
    return result.rowCount > 0;
  }
}

/** Notes, in the transaction that ends items as failed, that those that were paid for are to be refunded. */
export async function oweRefunds(trx: Knex, itemIds: readonly Buffer[]): Promise<void> {
  await trx.raw(
    `insert into payment_refunds (item_id) select id from data_items where id = any(?::bytea[]) and winc > 0
     on conflict do nothing`,
    [itemIds as never],
  );
}
