import type { Knex } from 'knex';
import type { Segment } from './data-items.ts';
import { AGO } from './time.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The objects that hold item bytes, and when nothing needs them any more. */
export class Segments {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  async find(id: string): Promise<Segment | undefined> {
    const result = await this.#db.raw<{ rows: Segment[] }>(
      'select id, object_key as "objectKey", byte_count as "byteCount" from segments where id = ?',
      [id],
    );
    return result.rows[0];
  }

  /** Segments older than `olderThanMs` all of whose items are permanent or failed for that long. */
  async findSpent(olderThanMs: number, limit: number): Promise<Segment[]> {
    const result = await this.#db.raw<{ rows: Segment[] }>(
      `select s.id, s.object_key as "objectKey", s.byte_count as "byteCount" from segments s
       where s.created_at <= ${AGO} and not exists (
         select from data_items i left join bundles b on b.id = i.bundle_id
         where i.segment_id = s.id
           and not coalesce(i.failed_at <= ${AGO}, false)
           and not coalesce(b.state = 'permanent' and b.moved_at <= ${AGO}, false))
       order by s.created_at limit ?`,
      [olderThanMs, olderThanMs, olderThanMs, limit],
    );
    return result.rows;
  }

  /** Forgets a segment whose object is gone. */
  async delete(id: string): Promise<void> {
    await this.#db.raw('delete from segments where id = ?', [id]);
  }

  /** Those of the given segment keys that no row names. */
  async unknownKeys(keys: readonly string[]): Promise<string[]> {
    const idOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
    // By primary key, which a segment's key ends with; what ends otherwise was not written by us.
    const ours = keys.filter((key) => UUID.test(idOf(key)));
    const result = await this.#db.raw<{ rows: { id: string }[] }>('select id from segments where id = any(?::uuid[])', [
      ours.map(idOf) as never,
    ]);
    const known = new Set(result.rows.map((row) => row.id));
    return ours.filter((key) => !known.has(idOf(key)));
  }
}
