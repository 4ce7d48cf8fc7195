import type { Knex } from '@bundler/adapters';

/** What somebody outside is to be told, as a row of the transaction that decided it. */
export interface OutboxRow {
  readonly id: number;
  readonly kind: OutboxKind;
  /** With the kind it is unique: whoever decides the same again adds nothing. */
  readonly reference: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly tries: number;
}

export type OutboxKind = 'refund' | 'gift-mail';

/** First pause before a next try, and the longest, seconds. */
const PAUSE = 5;
const LONGEST_PAUSE = 3600;

/** For how long nobody else takes what somebody has taken, seconds: longer than any attempt. */
const LEASE = 120;

/** Adds a row, as a part of a transaction. */
export async function send(
  trx: Knex,
  kind: OutboxKind,
  reference: string,
  body: Readonly<Record<string, unknown>>,
): Promise<void> {
  await trx.raw(`insert into outbox (kind, reference, body) values (?, ?, ?) on conflict do nothing`, [
    kind,
    reference,
    JSON.stringify(body),
  ]);
}

/** What waits to be told. Rows stay when they are done: they say what has gone out. */
export class Outbox {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Takes rows whose time has come. One that is neither done nor failed comes back after a while. */
  async take(kinds: readonly OutboxKind[], limit: number): Promise<OutboxRow[]> {
    const { rows } = await this.#db.raw<{ rows: OutboxRow[] }>(
      `update outbox set next_try_at = now() + ? * interval '1 second', tries = tries + 1 where id in (
         select id from outbox where done_at is null and next_try_at <= now() and kind = any(?::text[])
         order by next_try_at limit ? for update skip locked
       ) returning id, kind, reference, body, tries`,
      [LEASE, kinds, limit] as never,
    );
    return rows;
  }

  async done(id: number): Promise<void> {
    await this.#db.raw('update outbox set done_at = now(), last_error = null where id = ?', [id]);
  }

  /** Has it tried again later, each time after twice as long. */
  async failed({ id, tries }: Pick<OutboxRow, 'id' | 'tries'>, reason: string): Promise<void> {
    const pause = Math.min(PAUSE * 2 ** Math.min(tries - 1, 20), LONGEST_PAUSE);
    await this.#db.raw(`update outbox set next_try_at = now() + ? * interval '1 second', last_error = ? where id = ?`, [
      pause,
      reason.slice(0, 500),
      id,
    ]);
  }
}
