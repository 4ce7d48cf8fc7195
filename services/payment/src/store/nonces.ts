import { createHash } from 'node:crypto';
import type { Knex } from '@bundler/adapters';

/** The nonces of signed requests: a request that somebody has overheard is worth nothing a second time. */
export class Nonces {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Uses a nonce of a key up. False when it was used before. */
  async use(publicKey: Buffer, nonce: string): Promise<boolean> {
    const result = await this.#db.raw('insert into nonces (digest) values (?) on conflict do nothing', [
      digestOf(publicKey, nonce),
    ]);
    return result.rowCount > 0;
  }

  /** Lets a nonce be used once more: its request came to nothing for reasons of ours, and clients repeat it as it is. */
  async giveBack(publicKey: Buffer, nonce: string): Promise<void> {
    await this.#db.raw('delete from nonces where digest = ?', [digestOf(publicKey, nonce)]);
  }

  /** Forgets those that were used so long ago, at most so many. @returns how many */
  async forget(olderThanMs: number, limit: number): Promise<number> {
    const result = await this.#db.raw<{ rowCount: number }>(
      `delete from nonces where digest in (
         select digest from nonces where seen_at < now() - make_interval(secs => ? / 1000.0)
         order by seen_at limit ? for update skip locked)`,
      [olderThanMs, limit],
    );
    return result.rowCount;
  }
}

const digestOf = (publicKey: Buffer, nonce: string): Buffer =>
  createHash('sha256').update(publicKey).update(nonce).digest();
