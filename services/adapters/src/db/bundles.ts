import type { Knex } from 'knex';
import { type BundleItem, itemsAt } from './item-bytes.ts';
import { oweRefunds } from './settlements.ts';
import { AGO } from './time.ts';

export type BundleState = 'planned' | 'prepared' | 'posted' | 'seeded' | 'permanent' | 'failed';

/** A signed Arweave transaction without its data, as the network's JSON has it. */
export type TransactionJson = Record<string, unknown>;

/** What is kept of a transaction once it is signed. */
export interface SignedTransaction {
  readonly txId: Buffer;
  readonly tx: TransactionJson;
  /** Height of the chain when it was signed. */
  readonly signedHeight: number;
}

export interface Bundle {
  readonly id: string;
  readonly state: BundleState;
  readonly featureType: string;
  /** Its only item is larger than a bundle may be: it goes through a lane of its own. */
  readonly oversized: boolean;
  readonly itemCount: number;
  readonly byteCount: number;
  readonly txId: Buffer | null;
  readonly tx: TransactionJson | null;
  /** Height of the chain when the transaction was signed. */
  readonly signedHeight: number | null;
  readonly seededChunks: number;
  /** Since when it is in this state, Unix milliseconds, on the clock of this process. */
  readonly enteredAt: number;
}

/** An item, and the span of its upload as a W3C traceparent. */
export interface TracedItem {
  readonly id: Buffer;
  readonly traceParent: string;
}

/** A bundle that has not moved for a while, and the lane in which it is. */
export type StillBundle = Pick<Bundle, 'id' | 'oversized'>;

const bundleColumns = `
  id, state, feature_type as "featureType", oversized, item_count as "itemCount", byte_count as "byteCount", tx_id as "txId", tx,
  signed_height as "signedHeight", seeded_chunks as "seededChunks"`;

type FoundBundle = Omit<Bundle, 'enteredAt'> & { readonly stateMs: number };

/** The bundles, and the moves between their states. A move names the state it starts from, so it happens once. */
export class Bundles {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  async find(id: string): Promise<Bundle | undefined> {
    const age = '(extract(epoch from now() - entered_at) * 1000)::float8 as "stateMs"';
    const result = await this.#db.raw<{ rows: FoundBundle[] }>(
      `select ${bundleColumns}, ${age} from bundles where id = ?`,
      [id],
    );
    const [found] = result.rows;
    if (!found) return undefined;
    const { stateMs, ...bundle } = found;
    return { ...bundle, enteredAt: Date.now() - stateMs };
  }

  /** The SHA-256 of each chunk, one after another, as `prepare` computed them; of the first chunks alone while it does so. */
  async chunkHashes(id: string): Promise<Buffer | undefined> {
    const result = await this.#db.raw<{ rows: { hashes: Buffer | null }[] }>(
      'select chunk_hashes as hashes from bundles where id = ?',
      [id],
    );
    return result.rows[0]?.hashes ?? undefined;
  }

  /** How long ago the items of a bundle were accepted, in whole seconds, and how many share each. */
  async itemAges(id: string): Promise<{ seconds: number; items: number }[]> {
    const result = await this.#db.raw<{ rows: { seconds: number; items: number }[] }>(
      `select round(extract(epoch from now() - received_at))::int as seconds, count(*)::int as items
       from data_items where bundle_id = ? group by 1`,
      [id],
    );
    return result.rows;
  }

  /** The items of a bundle in their order. */
  async items(id: string): Promise<BundleItem[]> {
    return itemsAt(this.#db, 'i.bundle_id = ? order by i.bundle_offset', [id]);
  }

  /** The items of a bundle whose uploads are traced, at most `limit`, and the spans of those. */
  async tracedItems(id: string, limit: number): Promise<TracedItem[]> {
    const result = await this.#db.raw<{ rows: TracedItem[] }>(
      `select id, traceparent as "traceParent" from data_items
       where bundle_id = ? and traceparent is not null order by bundle_offset limit ?`,
      [id, limit],
    );
    return result.rows;
  }

  /** planned → prepared. False when another worker was first: its transaction counts, this one must be forgotten. */
  async markPrepared(id: string, prepared: SignedTransaction & { chunkHashes: Buffer }): Promise<boolean> {
    return this.#move(id, 'planned', 'prepared', { ...columnsOf(prepared), chunk_hashes: prepared.chunkHashes });
  }

  /**
   * Gives a prepared bundle another transaction in the place of one that the network does not want. False when it has moved on, or
   * has another one already.
   */
  async replaceTransaction(id: string, instead: Buffer, signed: SignedTransaction): Promise<boolean> {
    const replaced = await this.#db('bundles')
      .where({ id, state: 'prepared', tx_id: instead })
      .update({ ...columnsOf(signed), moved_at: this.#db.fn.now() });
    return replaced > 0;
  }

  markPosted(id: string): Promise<boolean> {
    return this.#move(id, 'prepared', 'posted', {});
  }

  markSeeded(id: string): Promise<boolean> {
    return this.#move(id, 'posted', 'seeded', {});
  }

  markPermanent(id: string, blockHeight: number): Promise<boolean> {
    return this.#move(id, 'seeded', 'permanent', { block_height: blockHeight, chunk_hashes: null });
  }

  /** posted → prepared: the network forgot the transaction, it is posted again. */
  markUnposted(id: string): Promise<boolean> {
    return this.#move(id, 'posted', 'prepared', { seeded_chunks: 0 });
  }

  /** seeded → posted: the network lost chunks, all of them are posted again. */
  markUnseeded(id: string): Promise<boolean> {
    return this.#move(id, 'seeded', 'posted', { seeded_chunks: 0 });
  }

  /** Remembers the hashes of the first chunks: where the next try to prepare the bundle starts. */
  async saveHashes(id: string, hashes: Buffer): Promise<void> {
    await this.#db.raw(
      `update bundles set chunk_hashes = ?, moved_at = now()
       where id = ? and state = 'planned' and coalesce(octet_length(chunk_hashes), 0) < ?`,
      [hashes, id, hashes.length],
    );
  }

  /** Remembers that the first `chunks` chunks are posted: where the next try starts. */
  async saveSeedProgress(id: string, chunks: number): Promise<void> {
    await this.#db.raw(
      `update bundles set seeded_chunks = ?, moved_at = now() where id = ? and state = 'posted' and seeded_chunks < ?`,
      [chunks, id, chunks],
    );
  }

  /**
   * Ends a bundle as failed and lets its items wait again, in one transaction. An item whose bundles failed more than
   * `maxFailures` times ends as failed itself.
   *
   * @returns items that wait again and items that failed, or undefined when the bundle was no longer in `from`
   */
  fail(
    id: string,
    from: BundleState,
    reason: string,
    maxFailures: number,
  ): Promise<{ repacked: number; failed: number } | undefined> {
    return this.#db.transaction(async (trx) => {
      if (!(await new Bundles(trx).#move(id, from, 'failed', { failed_reason: reason }))) return undefined;
      const result = await trx.raw<{ rows: { id: Buffer; failed: boolean }[] }>(
        `update data_items set failed_bundles = failed_bundles + 1, bundle_id = null, bundle_offset = null,
           failed_at = case when failed_bundles >= ? then now() end,
           failed_reason = case when failed_bundles >= ? then 'too_many_failures' end
         where bundle_id = ? returning id, failed_at is not null as failed`,
        [maxFailures, maxFailures, id],
      );
      const failed = result.rows.filter((row) => row.failed).map((row) => row.id);
      await oweRefunds(trx, failed);
      return { repacked: result.rows.length - failed.length, failed: failed.length };
    });
  }

  /** Ends single items of a bundle as failed and the bundle with them; its other items wait again. */
  failItems(id: string, itemIds: readonly Buffer[], reason: string, from: BundleState = 'planned'): Promise<boolean> {
    return this.#db.transaction(async (trx) => {
      if (!(await new Bundles(trx).#move(id, from, 'failed', { failed_reason: reason }))) return false;
      await trx.raw(
        `update data_items set bundle_id = null, bundle_offset = null,
           failed_at = case when id = any(?::bytea[]) then now() end,
           failed_reason = case when id = any(?::bytea[]) then ? end
         where bundle_id = ?`,
        [itemIds, itemIds, reason, id] as never,
      );
      await oweRefunds(trx, itemIds);
      return true;
    });
  }

  /**
   * Bundles in a state that have not moved for `olderThanMs`, those first that were looked at longest ago; each is
   * taken as looked at now, so that a few that never move cannot keep the others from their turn.
   */
  async takeStill(state: BundleState, olderThanMs: number, limit: number): Promise<StillBundle[]> {
    const result = await this.#db.raw<{ rows: StillBundle[] }>(
      `update bundles set checked_at = now() where id in (
         select id from bundles where state = ? and moved_at <= ${AGO}
         order by checked_at limit ? for update skip locked
       ) returning id, oversized`,
      [state, olderThanMs, limit],
    );
    return result.rows;
  }

  /** Seeded bundles, those first whose confirmations were read longest ago; each is taken as read now. */
  async takeForVerification(limit: number): Promise<string[]> {
    const result = await this.#db.raw<{ rows: { id: string }[] }>(
      `update bundles set checked_at = now() where id in (
         select id from bundles where state = 'seeded' order by checked_at limit ? for update skip locked
       ) returning id`,
      [limit],
    );
    return result.rows.map((row) => row.id);
  }

  async #move(id: string, from: BundleState, to: BundleState, columns: Record<string, unknown>): Promise<boolean> {
    const moved = await this.#db('bundles')
      .where({ id, state: from })
      .update({ ...columns, state: to, moved_at: this.#db.fn.now(), entered_at: this.#db.fn.now() });
    return moved > 0;
  }
}

const columnsOf = ({ txId, tx, signedHeight }: SignedTransaction) => ({
  tx_id: txId,
  tx: JSON.stringify(tx),
  signed_height: signedHeight,
});
