import { setTimeout as wait } from 'node:timers/promises';
import type { BundleItem } from '@bundler/adapters';
import pg from 'pg';
import { deleteObjectFiles } from '../../src/object-files.ts';

/** How many items are where on their way. */
export interface Progress {
  readonly items: number;
  /** In no bundle yet. */
  readonly waiting: number;
  /** In a bundle whose transaction the network has. */
  readonly posted: number;
}

/** PostgreSQL's own word on whether a commit is on disk before it is answered. */
export interface Durability {
  readonly version: string;
  readonly fsync: string;
  readonly synchronousCommit: string;
}

/** How often it is asked whether the pipeline has come to rest, milliseconds. */
const LOOK_MS = 100;

/** The platform's rows, as a bench looks at them from outside. */
export class Rows {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<Rows> {
    const client = new pg.Client({ connectionString: url, application_name: 'bench' });
    // The server is stopped while this is open when a run is interrupted; the query under way says so.
    client.on('error', () => undefined);
    await client.connect();
    return new Rows(client);
  }

  async durability(): Promise<Durability> {
    const show = async (name: string): Promise<string> => {
      const { rows } = await this.#client.query<Record<string, string>>(`show ${name}`);
      return rows[0]![name]!;
    };
    return {
      version: await show('server_version'),
      fsync: await show('fsync'),
      synchronousCommit: await show('synchronous_commit'),
    };
  }

  async progress(): Promise<Progress> {
    const { rows } = await this.#client.query<Progress>(
      `select count(*)::float8 as items, (count(*) filter (where i.bundle_id is null))::float8 as waiting,
         (count(*) filter (where b.state in ('posted', 'seeded', 'permanent')))::float8 as posted
       from data_items i left join bundles b on b.id = i.bundle_id`,
    );
    return rows[0]!;
  }

  async waiting(): Promise<number> {
    const { rows } = await this.#client.query<{ count: number }>(
      'select count(*)::float8 as count from data_items where bundle_id is null and failed_at is null',
    );
    return rows[0]!.count;
  }

  /** Waits until nothing is on its way to the network any more. False: it still was after `timeoutMs`. */
  async atRest(timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while ((await this.#onTheirWay()) > 0) {
      if (performance.now() > deadline) return false;
      await wait(LOOK_MS);
    }
    return true;
  }

  /** The items in the order in which they would be bundled. */
  async bundleItems(): Promise<(Omit<BundleItem, 'id'> & { id: string })[]> {
    const { rows } = await this.#client.query<{ id: Buffer; bytes: number; key: string; start: number }>(
      `select i.id, i.byte_count::float8 as bytes, s.object_key as key, i.segment_offset::float8 as start
       from data_items i join segments s on s.id = i.segment_id order by i.received_at`,
    );
    return rows.map(({ id, bytes, key, start }) => ({
      id: id.toString('base64url'),
      byteCount: bytes,
      extents: [{ objectKey: key, start, byteCount: bytes }],
    }));
  }

  /** Takes all items out of their bundles again. */
  async unplan(): Promise<void> {
    await this.#client.query('begin');
    await this.#client.query('update data_items set bundle_id = null, bundle_offset = null');
    await this.#client.query('delete from bundles');
    await this.#client.query('commit');
  }

  /** Forgets all items and deletes their objects. Nothing may be on its way. */
  async clear(storeDirectory: string): Promise<void> {
    await this.#client.query('truncate data_items, segments, bundles');
    await deleteObjectFiles(storeDirectory);
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  async #onTheirWay(): Promise<number> {
    const { rows } = await this.#client.query<{ count: number }>(
      `select (exists (select from data_items where bundle_id is null and failed_at is null))::int
         + (select count(*) from bundles where state in ('planned', 'prepared', 'posted'))::float8 as count`,
    );
    return rows[0]!.count;
  }
}
