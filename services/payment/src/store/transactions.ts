import type { Knex } from '@bundler/adapters';

/** Deadlock, serialization failure, and a row that another transaction has just inserted: the same again may succeed. */
const CONFLICTS = new Set(['40P01', '40001', '23505']);
const TRIES = 6;

/** Thrown in a transaction that saw something change which it did not expect: everything is undone, and done again. */
export class Overtaken extends Error {
  readonly code = '40001';
}

/** Whether all of some rows, by their ids, are among others. */
export function isAmong(some: readonly { id: unknown }[], all: readonly { id: unknown }[]): boolean {
  const ids = new Set(all.map(({ id }) => id));
  return some.every(({ id }) => ids.has(id));
}

/** Whether what was tried met what another transaction did at the same time. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(String((error as { code?: unknown }).code));
}

/** Runs a transaction, and again when another one was in its way. @throws what it throws otherwise */
export function transact<Result>(db: Knex, work: (trx: Knex.Transaction) => Promise<Result>): Promise<Result> {
  return again(() => db.transaction(work));
}

/** Does what leaves nothing behind when it fails, and again when a transaction was in its way. @throws what it throws otherwise */
export async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= TRIES || !isConflict(error)) throw error;
    }
  }
}
