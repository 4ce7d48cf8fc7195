import type { Knex } from 'knex';
import type { BundleState } from './bundles.ts';

/** A bundle as those see it who look after the platform. Times are Unix milliseconds. */
export interface BundleRecord {
  readonly id: string;
  readonly state: BundleState;
  readonly featureType: string;
  readonly oversized: boolean;
  readonly itemCount: number;
  readonly byteCount: number;
  readonly txId: Buffer | null;
  readonly signedHeight: number | null;
  readonly seededChunks: number;
  readonly blockHeight: number | null;
  readonly failedReason: string | null;
  readonly createdAt: number;
  /** When it came into its state. */
  readonly movedAt: number;
  /** When a worker looked at it last. */
  readonly checkedAt: number;
}

/** An accepted item's row, and where its bytes are. */
export interface ItemRecord {
  readonly id: Buffer;
  readonly ownerAddress: string;
  readonly signatureType: number;
  readonly featureType: string;
  readonly byteCount: number;
  readonly contentType: string | null;
  readonly winc: string;
  readonly deadlineHeight: number;
  readonly receivedAt: number;
  readonly failedBundles: number;
  readonly failedAt: number | null;
  readonly failedReason: string | null;
  readonly segmentId: string;
  readonly segmentOffset: number;
  /** Null when its bytes are the parts of an upload, or have been cleaned away. */
  readonly objectKey: string | null;
  readonly bundleId: string | null;
  readonly bundleOffset: number | null;
}

/** The upload in parts that an item came by. */
export interface UploadRecord {
  readonly id: string;
  readonly state: string;
  readonly itemId: Buffer | null;
  readonly failedReason: string | null;
  readonly createdAt: number;
  readonly movedAt: number;
  readonly parts: number;
}

/** What became of the bundle that an item carries. */
export interface UnbundlingRecord {
  readonly state: string;
  readonly items: number | null;
  readonly failedReason: string | null;
  readonly movedAt: number;
}

/** One place of an item inside of an accepted one. */
export interface NestedRecord {
  readonly rootItemId: Buffer;
  readonly parentId: Buffer;
  readonly startInRoot: number;
  readonly recordedAt: number;
}

/** Everything that the database knows of one id. */
export interface ItemTrace {
  readonly item: ItemRecord | undefined;
  readonly bundle: BundleRecord | undefined;
  readonly upload: UploadRecord | undefined;
  readonly unbundling: UnbundlingRecord | undefined;
  readonly nested: readonly NestedRecord[];
  /** Optical bridges that have not got its header yet. */
  readonly opticalBacklog: readonly string[];
}

/** Anybody may copy an item into any number of bundles. */
const PLACES = 20;

const ms = (column: string, name: string): string => `(extract(epoch from ${column}) * 1000)::bigint as "${name}"`;

const bundleColumns = `id, state, feature_type as "featureType", oversized, item_count as "itemCount",
  byte_count as "byteCount", tx_id as "txId", signed_height as "signedHeight", seeded_chunks as "seededChunks",
  block_height as "blockHeight", failed_reason as "failedReason", ${ms('created_at', 'createdAt')},
  ${ms('moved_at', 'movedAt')}, ${ms('checked_at', 'checkedAt')}`;

/** Which bundles are asked for: those in one state, and those packed before the one with this id. */
export interface BundleSelection {
  readonly state?: BundleState | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Reads rows for people who look after the platform. */
export class Records {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Everything about an item, by its id; of one inside of another, its places. */
  async traceItem(id: Buffer): Promise<ItemTrace> {
    const item = await this.#one<ItemRecord>(
      `select i.id, owner_address as "ownerAddress", signature_type as "signatureType", feature_type as "featureType",
         i.byte_count as "byteCount", content_type as "contentType", winc::text as winc, deadline_height as "deadlineHeight",
         ${ms('received_at', 'receivedAt')}, failed_bundles as "failedBundles", ${ms('failed_at', 'failedAt')},
         failed_reason as "failedReason", segment_id as "segmentId", segment_offset as "segmentOffset",
         s.object_key as "objectKey", bundle_id as "bundleId", bundle_offset as "bundleOffset"
       from data_items i left join segments s on s.id = i.segment_id where i.id = ?`,
      id,
    );
    const [bundle, upload, unbundling, nested, bridges] = await Promise.all([
      item?.bundleId ? this.bundle(item.bundleId) : undefined,
      item && this.upload(item.segmentId),
      this.#one<UnbundlingRecord>(
        `select state, items, failed_reason as "failedReason", ${ms('moved_at', 'movedAt')} from unbundlings where item_id = ?`,
        id,
      ),
      this.#all<NestedRecord>(
        `select root_item_id as "rootItemId", parent_id as "parentId", start_in_root as "startInRoot",
           ${ms('recorded_at', 'recordedAt')} from nested_items where id = ? order by recorded_at limit ${PLACES}`,
        id,
      ),
      this.#all<{ bridge: string }>(
        'select bridge from optical_deliveries where segment_id = ? or root_item_id = ? order by bridge',
        item?.segmentId ?? null,
        id,
      ),
    ]);
    return { item, bundle, upload, unbundling, nested, opticalBacklog: bridges.map(({ bridge }) => bridge) };
  }

  /** An upload in parts, by its id. */
  upload(id: string): Promise<UploadRecord | undefined> {
    return this.#one<UploadRecord>(
      `select id, state, item_id as "itemId", failed_reason as "failedReason", ${ms('created_at', 'createdAt')},
         ${ms('moved_at', 'movedAt')},
         (select count(*) from multipart_parts p where p.upload_id = u.id) as parts
       from multipart_uploads u where id = ?`,
      id,
    );
  }

  /** A bundle by its own id. */
  bundle(id: string): Promise<BundleRecord | undefined> {
    return this.#one<BundleRecord>(`select ${bundleColumns} from bundles where id = ?`, id);
  }

  /** A bundle by its transaction. */
  bundleOfTransaction(txId: Buffer): Promise<BundleRecord | undefined> {
    return this.#one<BundleRecord>(`select ${bundleColumns} from bundles where tx_id = ?`, txId);
  }

  /** Bundles, newest first. */
  bundles({ state, before, limit }: BundleSelection): Promise<BundleRecord[]> {
    return this.#all<BundleRecord>(
      `select ${bundleColumns} from bundles
       where (?::text is null or state = ?)
         and (?::uuid is null or (created_at, id) < (select created_at, id from bundles where id = ?))
       order by created_at desc, id desc limit ?`,
      state ?? null,
      state ?? null,
      before ?? null,
      before ?? null,
      limit,
    );
  }

  /** Ids of the first items of a bundle, in their order. */
  async itemsOfBundle(id: string, limit: number): Promise<Buffer[]> {
    const rows = await this.#all<{ id: Buffer }>(
      'select id from data_items where bundle_id = ? order by bundle_offset limit ?',
      id,
      limit,
    );
    return rows.map((row) => row.id);
  }

  /** Open bundles by state: those that are on their way. */
  async openBundles(): Promise<Record<string, number>> {
    const rows = await this.#all<{ state: string; n: number }>(
      `select state, count(*) as n from bundles where state not in ('permanent', 'failed') group by state`,
    );
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  }

  async #one<Row>(sql: string, ...bindings: readonly unknown[]): Promise<Row | undefined> {
    return (await this.#all<Row>(sql, ...bindings))[0];
  }

  async #all<Row>(sql: string, ...bindings: readonly unknown[]): Promise<Row[]> {
    return (await this.#db.raw<{ rows: Row[] }>(sql, bindings as never)).rows;
  }
}
