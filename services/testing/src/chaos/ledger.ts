import pg from 'pg';

/** Everything PostgreSQL knows of one item. */
export interface LedgerRow {
  readonly id: string;
  readonly failedReason: string | null;
  readonly failedBundles: number;
  readonly bundleState: string | null;
  /** base64url. */
  readonly txId: string | null;
  readonly bundleOffset: number | null;
  readonly objectKey: string | null;
  /** Offset of its last byte and one in its object. */
  readonly end: number;
}

/** Reads the tables as an accountant does: everything, past the code under test. */
export class Ledger {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<Ledger> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return new Ledger(client);
  }

  async items(): Promise<LedgerRow[]> {
    const { rows } = await this.#client.query(
      `select i.id, i.failed_reason as "failedReason", i.failed_bundles as "failedBundles", b.state as "bundleState",
         b.tx_id as "txId", i.bundle_offset::float8 as "bundleOffset", s.object_key as "objectKey",
         (i.segment_offset + i.byte_count)::float8 as "end"
       from data_items i left join bundles b on b.id = i.bundle_id left join segments s on s.id = i.segment_id`,
    );
    return rows.map((row) => ({
      ...row,
      id: row.id.toString('base64url'),
      txId: row.txId?.toString('base64url') ?? null,
    }));
  }

  /** How many items are in each state; `waiting` are in no bundle. */
  async itemStates(): Promise<Record<string, number>> {
    return this.#counts(
      `select coalesce(case when i.failed_at is not null then 'failed' end, b.state, 'waiting') as name,
         count(*)::int as n
       from data_items i left join bundles b on b.id = i.bundle_id group by 1`,
    );
  }

  /** How many bundles are in each state; with the reason of those that failed. */
  async bundleStates(): Promise<Record<string, number>> {
    return this.#counts(
      `select concat_ws(' ', state, failed_reason) as name, count(*)::int as n from bundles group by 1`,
    );
  }

  /** Sum of `item_count` over the bundles that did not fail. */
  async bundledItems(): Promise<number> {
    const { rows } = await this.#client.query<{ n: number }>(
      `select coalesce(sum(item_count), 0)::int as n from bundles where state <> 'failed'`,
    );
    return rows[0]!.n;
  }

  async segmentKeys(): Promise<Set<string>> {
    const { rows } = await this.#client.query<{ key: string }>('select object_key as key from segments');
    return new Set(rows.map(({ key }) => key));
  }

  /** Makes everything look as old as it will be after that time. */
  async age(ms: number): Promise<void> {
    for (const [table, column] of [
      ['segments', 'created_at'],
      ['bundles', 'moved_at'],
      ['data_items', 'failed_at'],
    ]) {
      await this.#client.query(`update ${table} set ${column} = ${column} - $1 * interval '1 millisecond'`, [ms]);
    }
  }

  async close(): Promise<void> {
    await this.#client.end();
  }

  async #counts(sql: string): Promise<Record<string, number>> {
    const { rows } = await this.#client.query<{ name: string; n: number }>(sql);
    return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
  }
}
