import type { Knex } from 'knex';

/** The last block height that anybody saw, and when. */
export interface Tip {
  readonly height: number;
  /** Unix milliseconds. */
  readonly observedAt: number;
}

/** Keeps the tip where every process and the next start find it. */
export class ChainTip {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  async read(): Promise<Tip | undefined> {
    const result = await this.#db.raw<{ rows: Tip[] }>(
      'select height, (extract(epoch from observed_at) * 1000)::bigint as "observedAt" from chain_tip',
    );
    return result.rows[0];
  }

  async write(tip: Tip): Promise<void> {
    await this.#db.raw(
      `insert into chain_tip (height, observed_at) values (?, to_timestamp(?::bigint / 1000.0))
       on conflict (singleton) do update set height = excluded.height, observed_at = excluded.observed_at
       where chain_tip.observed_at < excluded.observed_at`,
      [tip.height, tip.observedAt],
    );
  }
}
