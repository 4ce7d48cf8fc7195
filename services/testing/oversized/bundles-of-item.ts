import pg from 'pg';

/** The bundle of an item as PostgreSQL has it. */
export interface OversizedBundle {
  readonly state: string;
  readonly oversized: boolean;
  readonly items: number;
  /** Chunks of it, as long as they are known, and how many of them are posted. */
  readonly chunks: number;
  readonly seeded: number;
}

/** Looks at bundles from outside. */
export class BundlesOfItem {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<BundlesOfItem> {
    const client = new pg.Client({ connectionString: url, application_name: 'proof' });
    // The server is stopped while this is open when a run is interrupted; the query under way says so.
    client.on('error', () => undefined);
    await client.connect();
    return new BundlesOfItem(client);
  }

  /** The bundle that an item is in now. */
  async last(id: string): Promise<OversizedBundle | undefined> {
    const { rows } = await this.#client.query<OversizedBundle>(
      `select b.state, b.oversized, b.item_count as items, coalesce(octet_length(b.chunk_hashes), 0) / 32 as chunks,
         b.seeded_chunks as seeded
       from bundles b join data_items i on i.bundle_id = b.id where i.id = $1`,
      [Buffer.from(id, 'base64url')],
    );
    return rows[0];
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}
