import type { Knex } from '@bundler/adapters';
import type { CardEvent } from '../cards/provider.ts';
import { transact } from './transactions.ts';

/** A message that came before what it is about; handled when that is known. */
export class TooEarly extends Error {}

/** Does what follows from a message. @returns in a word what came of it */
type Handle = (trx: Knex, event: CardEvent, id: string) => Promise<string>;

/** First pause before a next try, and the longest, seconds. */
const PAUSE = 2;
const LONGEST_PAUSE = 600;
/** After so many tries, which take a day, what a message is about never comes. */
const TRIES = 150;
/** How many one look takes. */
const LIMIT = 100;

/**
 * What the card provider has told: it is kept before it is acknowledged, and handled in one transaction with what follows
 * from it. However often it is told, and whoever is killed when, it counts once.
 */
export class CardEvents {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Keeps a message. False for one that is kept already. */
  async keep(id: string, event: CardEvent): Promise<boolean> {
    const result = await this.#db.raw(`insert into card_events (id, body) values (?, ?) on conflict do nothing`, [
      id,
      JSON.stringify(event),
    ]);
    return result.rowCount > 0;
  }

  /**
   * Handles those that wait; one that fails comes again later and holds up no other.
   *
   * @param onFailure told of each that fails
   */
  async handleWaiting(handle: Handle, onFailure: (id: string, error: unknown) => void): Promise<void> {
    const { rows } = await this.#db.raw<{ rows: { id: string }[] }>(
      `select id from card_events where handled_at is null and next_try_at <= now() order by next_try_at limit ?`,
      [LIMIT],
    );
    for (const { id } of rows) {
      await this.#handle(id, handle).catch(async (error: unknown) => {
        onFailure(id, error);
        await this.#postpone(id, error);
      });
    }
  }

  #handle(id: string, handle: Handle): Promise<void> {
    return transact(this.#db, async (trx) => {
      const { rows } = await trx.raw<{ rows: { body: CardEvent }[] }>(
        `select body from card_events where id = ? and handled_at is null for update skip locked`,
        [id],
      );
      if (!rows[0]) return;
      const outcome = await handle(trx, rows[0].body, id);
      await trx.raw(
        `update card_events set handled_at = now(), outcome = ?, tries = tries + 1, last_error = null where id = ?`,
        [outcome, id],
      );
    });
  }

  async #postpone(id: string, error: unknown): Promise<void> {
    await this.#db.raw(
      `update card_events set tries = tries + 1, last_error = ?,
         next_try_at = now() + least(? * power(2, least(tries, 20)), ?) * interval '1 second',
         handled_at = case when ? and tries + 1 >= ? then now() end,
         outcome = case when ? and tries + 1 >= ? then 'given-up' end
       where id = ? and handled_at is null`,
      [
        (error as Error).message.slice(0, 500),
        PAUSE,
        LONGEST_PAUSE,
        error instanceof TooEarly,
        TRIES,
        error instanceof TooEarly,
        TRIES,
        id,
      ] as never,
    );
  }
}
