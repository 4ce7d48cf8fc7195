import type { Knex } from 'knex';

/** A waiting item as the planner sees it. */
export interface WaitingItem {
  readonly id: Buffer;
  readonly byteCount: number;
  /** Unix milliseconds. */
  readonly receivedAt: number;
}

/** A bundle that is to be: its items in their order, each with its offset in the bundle. */
export interface PlannedBundle {
  /** UUID. */
  readonly id: string;
  /** Bytes of the whole bundle, header included. */
  readonly byteCount: number;
  /** Its only item is larger than a bundle may be. */
  readonly oversized: boolean;
  readonly items: readonly { readonly id: Buffer; readonly bundleOffset: number }[];
}

/** Namespace of the advisory locks below, so that they meet no other lock of this database. */
const REMAINDER_LOCK = 7_301_002;

/** What the planner does in the database, inside one transaction. */
export class PlanningTransaction {
  readonly #trx: Knex.Transaction;

  constructor(trx: Knex.Transaction) {
    this.#trx = trx;
  }

  /**
   * The oldest waiting items that no other planner holds, locked until the transaction ends. Ordered by segment
   * within the same moment, so that neighbours in a segment stay neighbours in the bundle and are read in one go.
   */
  async takeWaiting(featureType: string, limit: number): Promise<WaitingItem[]> {
    const result = await this.#trx.raw<{ rows: WaitingItem[] }>(
      `select id, byte_count as "byteCount", (extract(epoch from received_at) * 1000)::bigint as "receivedAt"
       from data_items
       where bundle_id is null and failed_at is null and feature_type = ?
       order by received_at, segment_id, segment_offset
       limit ? for update skip locked`,
      [featureType, limit],
    );
    return result.rows;
  }

  /** True when this transaction alone may pack under-full remainders of a feature type. */
  async lockRemainder(featureType: string): Promise<boolean> {
    const result = await this.#trx.raw<{ rows: { locked: boolean }[] }>(
      'select pg_try_advisory_xact_lock(?, hashtext(?)) as locked',
      [REMAINDER_LOCK, featureType],
    );
    return result.rows[0]!.locked;
  }

  async insertBundle(featureType: string, bundle: PlannedBundle): Promise<void> {
    await this.#trx.raw(
      `insert into bundles (id, state, feature_type, oversized, item_count, byte_count) values (?, 'planned', ?, ?, ?, ?)`,
      [bundle.id, featureType, bundle.oversized, bundle.items.length, bundle.byteCount],
    );
    await this.#trx.raw(
      `update data_items i set bundle_id = ?, bundle_offset = planned.bundle_offset
       from unnest(?::bytea[], ?::bigint[]) as planned(id, bundle_offset) where i.id = planned.id`,
      [bundle.id, bundle.items.map((item) => item.id), bundle.items.map((item) => item.bundleOffset)] as never,
    );
  }
}

/** Names the feature types that have waiting items `types(t)`: a walk over the index from one type to the next. A DISTINCT would read every waiting row. */
export const WAITING_TYPES = `with recursive types as (
  (select min(feature_type) as t from data_items where bundle_id is null and failed_at is null)
  union all
  select (select min(feature_type) from data_items
          where bundle_id is null and failed_at is null and feature_type > types.t)
  from types where types.t is not null
)`;

/** The planner's door to the database. */
export class Planning {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** The feature types that have waiting items. */
  async waitingFeatureTypes(): Promise<string[]> {
    const result = await this.#db.raw<{ rows: { featureType: string }[] }>(
      `${WAITING_TYPES}
       select t as "featureType" from types where t is not null`,
    );
    return result.rows.map((row) => row.featureType);
  }

  /** What waits of a feature type, at most `limit` items, looked at without locking anything. */
  async peek(featureType: string, limit: number): Promise<{ count: number; byteCount: number; oldest: number }> {
    const result = await this.#db.raw<{ rows: { count: number; byteCount: number; oldest: number }[] }>(
      `select count(*) as count, coalesce(sum(byte_count), 0)::bigint as "byteCount",
         coalesce(extract(epoch from min(received_at)) * 1000, 0)::bigint as oldest
       from (select byte_count, received_at from data_items
             where bundle_id is null and failed_at is null and feature_type = ?
             order by received_at limit ?) as waiting`,
      [featureType, limit],
    );
    return result.rows[0]!;
  }

  transaction<T>(work: (planning: PlanningTransaction) => Promise<T>): Promise<T> {
    return this.#db.transaction((trx) => work(new PlanningTransaction(trx)));
  }
}
