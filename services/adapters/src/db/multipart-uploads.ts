import type { Knex } from 'knex';
import type { SharedCredits } from '../payment/port.ts';
import { type AcceptedItem, DataItems } from './data-items.ts';
import { type Part, partsOf } from './multipart-parts.ts';
import type { RefundState } from './settlements.ts';
import { AGO, FROM_NOW } from './time.ts';

export type MultipartState = 'assembling' | 'validating' | 'finalizing' | 'finalized' | 'failed' | 'expired';

/** Why the data item of an upload was not accepted. */
export type MultipartFailure = 'INVALID' | 'UNDERFUNDED' | 'BLOCKED' | 'APPROVAL_FAILED' | 'REVOKE_FAILED';

export interface MultipartUpload {
  /** UUID; whoever knows it may add parts and finalize. */
  readonly id: string;
  readonly state: MultipartState;
  /** Bytes of every part but the last. */
  readonly chunkSize: number;
  /** What its sender pays with, as the request to finalize said. */
  readonly token: string | null;
  /** Its sender had used up what is free for its size when the finalization was asked for. */
  readonly overFreeQuota: boolean;
  /** Addresses whose approvals pay before the signer does, as the same request said. */
  readonly paidBy: readonly string[];
  /** What its item has shared of its signer's credits. */
  readonly shared: SharedCredits | null;
  /** Of the data item, once it was accepted or found to be known. */
  readonly itemId: Buffer | null;
  readonly failedReason: MultipartFailure | null;
  /** When it came into its state, Unix milliseconds. */
  readonly movedAt: number;
}

/** How far an upload is, as its followers see it. */
export interface MultipartProgress extends Pick<MultipartUpload, 'id' | 'state' | 'itemId' | 'failedReason'> {
  /** Of the parts that are stored; 0 again once they are freed. */
  readonly byteCount: number;
}

/** What became of a part whose bytes are durable. */
export type PutPart =
  | { readonly state: 'stored'; readonly replaced: string | undefined }
  | { readonly state: 'closed' }
  | { readonly state: 'misaligned'; readonly chunkSize: number };

const uploadColumns = `
  id, state, chunk_size as "chunkSize", token, over_free_quota as "overFreeQuota", paid_by as "paidBy", shared, item_id as "itemId", failed_reason as "failedReason",
  (extract(epoch from moved_at) * 1000)::bigint as "movedAt"`;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FINDABLE = `state <> 'expired' and (state <> 'assembling' or expires_at > now())`;

/**
 * Uploads that come in parts, from the first part to the accepted item, and when nothing needs their parts any more.
 * A row whose state is `validating` or `finalizing` is work to be done: queues only wake workers for it.
 */
export class MultipartUploads {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Opens an upload, unless `maxOpen` are open already; a few more may slip in at the same moment. */
  async create(upload: { id: string; chunkSize: number; ttlMs: number; maxOpen: number }): Promise<boolean> {
    const result = await this.#db.raw(
      `insert into multipart_uploads (id, chunk_size, expires_at)
       select ?::uuid, ?::bigint, ${FROM_NOW}
       where (select count(*) from multipart_uploads
              where state = 'assembling' and freed_at is null and expires_at > now()) < ?::integer`,
      [upload.id, upload.chunkSize, upload.ttlMs, upload.maxOpen],
    );
    return result.rowCount > 0;
  }

  /** An upload; undefined also when it expired before it was finalized. */
  async find(id: string): Promise<MultipartUpload | undefined> {
    if (!UUID.test(id)) return undefined;
    const result = await this.#db.raw<{ rows: MultipartUpload[] }>(
      `select ${uploadColumns} from multipart_uploads where id = ? and ${FINDABLE}`,
      [id],
    );
    return result.rows[0];
  }

  /** How far those of the uploads are that can be found, by id, in one query. Ids of another form are of no upload. */
  async findProgress(ids: readonly string[]): Promise<Map<string, MultipartProgress>> {
    const own = ids.filter((id) => UUID.test(id));
    if (own.length === 0) return new Map();
    const result = await this.#db.raw<{ rows: MultipartProgress[] }>(
      `select u.id, u.state, u.item_id as "itemId", u.failed_reason as "failedReason",
         (select coalesce(sum(p.byte_count), 0) from multipart_parts p where p.upload_id = u.id)::bigint as "byteCount"
       from multipart_uploads u where u.id = any(?::uuid[]) and ${FINDABLE}`,
      [own as never],
    );
    return new Map(result.rows.map((row) => [row.id, row]));
  }

  /** The stored parts of an upload in their order. */
  async parts(id: string): Promise<readonly Part[]> {
    return (await partsOf(this.#db, [id])).get(id) ?? [];
  }

  /**
   * Records a part whose object is durable. One that is sent again takes the place of the earlier one, whose object
   * nobody needs then. A part longer than the chunk size raises it, as clients that chose a size of their own expect.
   */
  putPart(uploadId: string, part: Part): Promise<PutPart> {
    return this.#db.transaction(async (trx): Promise<PutPart> => {
      // Locked: no part comes in once the finalization was asked for, and parts take turns to raise the size.
      const uploads = await trx.raw<{ rows: { chunkSize: number }[] }>(
        `select chunk_size as "chunkSize" from multipart_uploads
         where id = ? and state = 'assembling' and expires_at > now() for update`,
        [uploadId],
      );
      const before = uploads.rows[0]?.chunkSize;
      if (before === undefined) return { state: 'closed' };
      const chunkSize = Math.max(before, part.byteCount);
      if (part.offset % chunkSize !== 0) return { state: 'misaligned', chunkSize };
      if (chunkSize > before) {
        await trx.raw('update multipart_uploads set chunk_size = ? where id = ?', [chunkSize, uploadId]);
      }
      const earlier = await trx.raw<{ rows: { objectKey: string }[] }>(
        'select object_key as "objectKey" from multipart_parts where upload_id = ? and part_offset = ?',
        [uploadId, part.offset],
      );
      await trx.raw(
        `insert into multipart_parts (id, upload_id, part_offset, byte_count, object_key) values (?, ?, ?, ?, ?)
         on conflict (upload_id, part_offset) do update
         set id = excluded.id, byte_count = excluded.byte_count, object_key = excluded.object_key`,
        [part.id, uploadId, part.offset, part.byteCount, part.objectKey],
      );
      return { state: 'stored', replaced: earlier.rows[0]?.objectKey };
    });
  }

  /** assembling → validating: no more parts, and work for a worker. False when it was no longer assembling. */
  async requestFinalization(
    id: string,
    token: string,
    { overFreeQuota = false, paidBy = [] }: Partial<Pick<MultipartUpload, 'overFreeQuota' | 'paidBy'>> = {},
  ): Promise<boolean> {
    const result = await this.#db.raw(
      `update multipart_uploads set state = 'validating', token = ?, over_free_quota = ?, paid_by = ?, moved_at = now(),
         checked_at = now()
       where id = ? and state = 'assembling' and expires_at > now()`,
      [token, overFreeQuota, paidBy, id] as never,
    );
    return result.rowCount > 0;
  }

  /** validating → finalizing: the signature is good. */
  async markValidated(id: string): Promise<void> {
    await this.#db.raw(
      `update multipart_uploads set state = 'finalizing', moved_at = now() where id = ? and state = 'validating'`,
      [id],
    );
  }

  /**
   * Accepts the data item of an upload, in one transaction. Its outcome can be read for `ttlMs`.
   *
   * @param bridges optical bridges that are to be told of it
   * @param refund what `Settlements.refundState` said of it before its price was reserved
   * @param shared what it has shared of its signer's credits
   * @returns undefined when another worker was first
   * @throws Error when its failed first life is being refunded meanwhile: everything is as before then
   */
  accept(
    id: string,
    item: AcceptedItem,
    ttlMs: number,
    bridges: readonly string[] = [],
    refund: RefundState = 'none',
    shared?: SharedCredits,
  ): Promise<'accepted' | 'duplicate' | undefined> {
    return this.#db.transaction(async (trx) => {
      if (!(await new MultipartUploads(trx).#finish(id, item.id, ttlMs))) return undefined;
      if (shared) await trx.raw('update multipart_uploads set shared = ? where id = ?', [JSON.stringify(shared), id]);
      return insertOrRevive(trx, id, item, bridges, refund);
    });
  }

  /**
   * Accepts an item whose bytes are objects already, in one transaction: as an upload that is finalized from its beginning.
   *
   * @param bridges optical bridges that are to be told of it
   */
  acceptStored(
    upload: { readonly id: string; readonly parts: readonly Part[] },
    item: AcceptedItem,
    ttlMs: number,
    bridges: readonly string[] = [],
  ): Promise<'accepted' | 'duplicate'> {
    const { id, parts } = upload;
    return this.#db.transaction(async (trx) => {
      await trx.raw(
        `insert into multipart_uploads (id, state, chunk_size, item_id, expires_at)
         values (?, 'finalized', ?, ?, ${FROM_NOW})`,
        [id, Math.max(...parts.map(({ byteCount }) => byteCount)), item.id, ttlMs],
      );
      for (const part of parts) {
        await trx.raw(
          'insert into multipart_parts (id, upload_id, part_offset, byte_count, object_key) values (?, ?, ?, ?, ?)',
          [part.id, id, part.offset, part.byteCount, part.objectKey],
        );
      }
      return insertOrRevive(trx, id, item, bridges);
    });
  }

  /** Ends an upload whose data item was accepted by another one. False when another worker was first. */
  finishKnown(id: string, itemId: Buffer, ttlMs: number): Promise<boolean> {
    return this.#finish(id, itemId, ttlMs);
  }

  /** Ends an upload whose data item cannot be accepted. False when another worker was first. */
  async fail(id: string, reason: MultipartFailure, ttlMs: number): Promise<boolean> {
    const result = await this.#db.raw(
      `update multipart_uploads set state = 'failed', failed_reason = ?, moved_at = now(), expires_at = ${FROM_NOW}
       where id = ? and state in ('validating', 'finalizing')`,
      [reason, ttlMs, id],
    );
    return result.rowCount > 0;
  }

  /** Ends an upload that its sender does not want any more. False when it was not assembling. */
  async abort(id: string): Promise<boolean> {
    const result = await this.#db.raw(
      `update multipart_uploads set state = 'expired', moved_at = now() where id = ? and state = 'assembling'`,
      [id],
    );
    return result.rowCount > 0;
  }

  /** Ends every upload whose time is over before it was finalized. @returns how many those were */
  async expire(): Promise<number> {
    const result = await this.#db.raw(
      `update multipart_uploads set state = 'expired', moved_at = now()
       where state = 'assembling' and freed_at is null and expires_at <= now()`,
    );
    return result.rowCount;
  }

  /**
   * Uploads to be finalized that nobody has looked at for `olderThanMs`, those first that were looked at longest ago;
   * each is taken as looked at now.
   */
  async takeStill(olderThanMs: number, limit: number): Promise<string[]> {
    const result = await this.#db.raw<{ rows: { id: string }[] }>(
      `update multipart_uploads set checked_at = now() where id in (
         select id from multipart_uploads
         where state in ('validating', 'finalizing') and freed_at is null and checked_at <= ${AGO}
         order by checked_at limit ? for update skip locked
       ) returning id`,
      [olderThanMs, limit],
    );
    return result.rows.map((row) => row.id);
  }

  /**
   * Uploads whose parts nobody needs: expired, failed, or finalized with an item that lies elsewhere, or that has been
   * permanent or failed for `olderThanMs`.
   */
  async findSpent(olderThanMs: number, limit: number): Promise<string[]> {
    const result = await this.#db.raw<{ rows: { id: string }[] }>(
      `select u.id from multipart_uploads u
       where u.freed_at is null and (u.state in ('expired', 'failed') or u.state = 'finalized' and not exists (
         select from data_items i left join bundles b on b.id = i.bundle_id
         where i.segment_id = u.id
           and not coalesce(i.failed_at <= ${AGO}, false)
           and not coalesce(b.state = 'permanent' and b.moved_at <= ${AGO}, false)))
       limit ?`,
      [olderThanMs, olderThanMs, limit],
    );
    return result.rows.map((row) => row.id);
  }

  /** Forgets the parts of an upload, whose objects are gone. */
  async markFreed(id: string): Promise<void> {
    await this.#db.transaction(async (trx) => {
      await trx.raw('delete from multipart_parts where upload_id = ?', [id]);
      await trx.raw('update multipart_uploads set freed_at = now() where id = ?', [id]);
    });
  }

  /** Forgets uploads without parts whose outcome nobody may ask for any more. */
  async forgetFreed(): Promise<void> {
    await this.#db.raw(
      `delete from multipart_uploads where freed_at is not null and (state = 'expired' or expires_at <= now())`,
    );
  }

  /** Those of the given keys of parts that no row names. */
  async unknownKeys(keys: readonly string[]): Promise<string[]> {
    const idOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
    // What does not end with a part's id was not written by us.
    const ours = keys.filter((key) => UUID.test(idOf(key)));
    const result = await this.#db.raw<{ rows: { id: string }[] }>(
      'select id from multipart_parts where id = any(?::uuid[])',
      [ours.map(idOf) as never],
    );
    const known = new Set(result.rows.map((row) => row.id));
    return ours.filter((key) => !known.has(idOf(key)));
  }

  async #finish(id: string, itemId: Buffer, ttlMs: number): Promise<boolean> {
    const result = await this.#db.raw(
      `update multipart_uploads set state = 'finalized', item_id = ?, moved_at = now(), expires_at = ${FROM_NOW}
       where id = ? and state in ('validating', 'finalizing')`,
      [itemId, ttlMs, id],
    );
    return result.rowCount > 0;
  }
}

async function insertOrRevive(
  db: Knex,
  uploadId: string,
  item: AcceptedItem,
  bridges: readonly string[],
  refund?: RefundState,
): Promise<'accepted' | 'duplicate'> {
  const items = new DataItems({ writer: db, reader: db });
  if (await items.insertAssembled(uploadId, item, bridges)) return 'accepted';
  const outcome = await items.revive({ id: uploadId }, item, bridges, refund);
  if (outcome === 'refunding')
    throw new Error('the item failed before and is being refunded for that; trying again later');
  return outcome === 'revived' ? 'accepted' : 'duplicate';
}
