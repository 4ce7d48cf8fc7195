import type { Knex } from '@bundler/adapters';
import type { Adjustment } from '../ledger/adjust.ts';
import { decimal } from '../ledger/decimal.ts';

interface Row {
  readonly appliesTo: 'upload' | 'top-up';
  readonly token: string | null;
  readonly name: string;
  readonly description: string;
  readonly operator: 'multiply' | 'add';
  readonly shown: string;
}

/** For how long the rows that were read are used: a price must not cost a query. */
const TTL_MS = 10_000;

/** The fees and discounts that count now. They are rows of a table: whoever changes them changes no code. */
export class Adjustments {
  readonly #db: Knex;
  readonly #now: () => number;
  #rows: Promise<readonly Row[]> | undefined;
  #readAt = 0;

  /** @param now milliseconds, monotonic */
  constructor(db: Knex, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  /** In the order in which they are applied. @param token what is paid with; those that name no token are for all */
  async of(appliesTo: 'upload' | 'top-up', token?: string): Promise<Adjustment[]> {
    const rows = await this.#current();
    return rows
      .filter((row) => row.appliesTo === appliesTo && (row.token === null || row.token === token))
      .map(({ name, description, operator, shown }) => ({
        name,
        description,
        operator,
        shown,
        magnitude: decimal(shown),
      }));
  }

  #current(): Promise<readonly Row[]> {
    if (this.#rows && this.#now() - this.#readAt < TTL_MS) return this.#rows;
    this.#readAt = this.#now();
    const rows = this.#read();
    this.#rows = rows;
    rows.catch(() => {
      if (this.#rows === rows) this.#rows = undefined;
    });
    return rows;
  }

  async #read(): Promise<readonly Row[]> {
    const result = await this.#db.raw<{ rows: Row[] }>(
      `select applies_to as "appliesTo", token, name, description, operator, trim_scale(magnitude)::text as shown
       from adjustments where starts_at <= now() and (ends_at is null or ends_at > now()) order by id`,
    );
    return result.rows;
  }
}
