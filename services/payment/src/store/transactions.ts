import type { Knex } from '@bundler/adapters';

/** Deadlock, serialization failure, and a row that another transaction has just inserted: the same again may succeed. */
const CONFLICTS = new Set(['40P01', '40001', '23505']);
const TRIES = 6;

/** Runs a transaction, and again when another one was in its way. @throws what it throws otherwise */
export async function transact<Result>(db: Knex, work: (trx: Knex.Transaction) => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction(work);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (attempt >= TRIES || typeof code !== 'string' || !CONFLICTS.has(code)) throw error;
    }
  }
}
