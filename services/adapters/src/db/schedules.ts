import type { Knex } from 'knex';

/**
 * Decides which process runs a scheduled tick. The claim is a row update, not a held lock: nothing is left behind
 * by a process that dies, and no connection is kept busy by waiting.
 */
export class Schedules {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** True for one caller in every `intervalMs`, whichever process asks first. */
  async claim(name: string, intervalMs: number): Promise<boolean> {
    const result = await this.#db.raw(
      `insert into schedules (name, last_run) values (?, now())
       on conflict (name) do update set last_run = now()
       where schedules.last_run <= now() - ?::integer * interval '1 millisecond'
       returning name`,
      [name, intervalMs],
    );
    return result.rows.length > 0;
  }
}
