import type { Knex } from 'knex';
import { AGO } from './time.ts';
import type { NestedOffset } from './unbundlings.ts';

/** Where a nested item is, and where the accepted item that holds it is on its way. */
export interface NestedPlace extends Omit<NestedOffset, 'start'> {
  readonly startInRoot: number;
  readonly failedReason: string | null;
  /** Of the accepted item in its bundle. */
  readonly bundleOffset: number | null;
  readonly bundleState: string | null;
  readonly bundleTxId: Buffer | null;
}

/** Places of one id that are looked at: anyone may put a copy of a stranger's item into bundles, any number of times. */
const PLACES = 100;

/** Items in the bundles that accepted items carry. */
export class NestedItems {
  readonly #writer: Knex;
  readonly #reader: Knex;

  constructor(pools: { writer: Knex; reader: Knex }) {
    this.#writer = pools.writer;
    this.#reader = pools.reader;
  }

  /** The oldest place of an item, in one that has not failed if there is such. From a replica it may be told late. */
  async find(id: Buffer): Promise<NestedPlace | undefined> {
    const result = await this.#reader.raw<{ rows: NestedPlace[] }>(
      `select n.id, n.parent_id as "parentId", n.start_in_root as "startInRoot",
         n.start_in_parent_payload as "startInParentPayload", n.byte_count as "byteCount",
         n.payload_start as "payloadStart", n.content_type as "contentType", i.failed_reason as "failedReason",
         i.bundle_offset as "bundleOffset", b.state as "bundleState", b.tx_id as "bundleTxId"
       from (select * from nested_items where id = ? order by recorded_at limit ${PLACES}) n
       join data_items i on i.id = n.root_item_id left join bundles b on b.id = i.bundle_id
       order by i.failed_at is not null, n.recorded_at, n.root_item_id, n.start_in_root limit 1`,
      [id],
    );
    return result.rows[0];
  }

  /** Forgets places that were recorded `olderThanMs` ago. @returns how many, at most `limit` */
  async forget(olderThanMs: number, limit: number): Promise<number> {
    const result = await this.#writer.raw(
      `delete from nested_items where (root_item_id, start_in_root) in (
         select root_item_id, start_in_root from nested_items
         where recorded_at <= ${AGO} limit ?)`,
      [olderThanMs, limit],
    );
    return result.rowCount;
  }
}
