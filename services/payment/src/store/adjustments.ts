import type { Knex } from '@bundler/adapters';
import { SharedAnswer } from '@bundler/runtime';
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
  readonly #rows: SharedAnswer<readonly Row[]>;

  /** @param now milliseconds, monotonic */
  constructor(db: Knex, now: () => number) {
    this.#db = db;
    this.#rows = new SharedAnswer(() => this.#read(), TTL_MS, now);
  }

  /** In the order in which they are applied. @param token what is paid with; those that name no token are for all */
  async of(appliesTo: 'upload' | 'top-up', token?: string): Promise<Adjustment[]> {
    const rows = await this.#rows.get();
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

  async #read(): Promise<readonly Row[]> {
    const result = await this.#db.raw<{ rows: Row[] }>(
      `select applies_to as "appliesTo", token, name, description, operator, trim_scale(magnitude)::text as shown
       from adjustments where starts_at <= now() and (ends_at is null or ends_at > now()) order by id`,
    );
    return result.rows;
  }
}
