import type { Knex } from '@bundler/adapters';
import type { ChainTransaction } from '../ledger/judge-top-up.ts';
import { creditOnce } from './balances.ts';
import { transact } from './transactions.ts';

/** A transaction that brings, or has brought, credits. */
export interface TopUp {
  readonly token: string;
  readonly transactionId: string;
  readonly state: 'pending' | 'credited' | 'failed';
  /** Null while the chain has not told. */
  readonly quantity: string | null;
  readonly winc: string | null;
  readonly sender: string | null;
  readonly destination: string | null;
  readonly blockHeight: number | null;
  readonly failedReason: string | null;
  /** How long it has been known, milliseconds. */
  readonly ageMs: number;
  readonly settledAt: Date | null;
}

const columns = `token, transaction_id as "transactionId", state, quantity::text, winc::text, sender, destination,
  block_height as "blockHeight", failed_reason as "failedReason", settled_at as "settledAt",
  (extract(epoch from now() - created_at) * 1000)::bigint as "ageMs"`;

/** The transactions with which credits are bought: each is credited once. */
export class TopUps {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  async find(token: string, transactionId: string): Promise<TopUp | undefined> {
    const result = await this.#db.raw<{ rows: TopUp[] }>(
      `select ${columns} from top_ups where token = ? and transaction_id = ?`,
      [token, transactionId],
    );
    return result.rows[0];
  }

  /** Notes that a transaction is to be looked at again; what its chain has told of it by now, if anything. */
  async keepPending(token: string, transactionId: string, seen?: ChainTransaction, winc?: bigint): Promise<void> {
    await this.#db.raw(
      `insert into top_ups (token, transaction_id, state, quantity, winc, sender, destination, block_height)
       values (?, ?, 'pending', ?, ?, ?, ?, ?)
       on conflict (token, transaction_id) do update set quantity = excluded.quantity, winc = excluded.winc,
         sender = excluded.sender, destination = excluded.destination, block_height = excluded.block_height
       where top_ups.state = 'pending'`,
      [token, transactionId, ...facts(seen, winc)] as never,
    );
  }

  /** Credits a transaction, once. False when that was done before. */
  credit(token: string, transactionId: string, seen: ChainTransaction, winc: bigint): Promise<boolean> {
    return transact(this.#db, async (trx) => {
      const [quantity, worth, sender, destination, height] = facts(seen, winc);
      if (!(await creditOnce(trx, destination as string, winc, token, transactionId))) return false;
      await trx.raw(
        `insert into top_ups (token, transaction_id, state, quantity, winc, sender, destination, block_height, settled_at)
         values (?, ?, 'credited', ?, ?, ?, ?, ?, now())
         on conflict (token, transaction_id) do update set state = 'credited', quantity = excluded.quantity,
           winc = excluded.winc, sender = excluded.sender, destination = excluded.destination,
           block_height = excluded.block_height, failed_reason = null, settled_at = now()`,
        [token, transactionId, quantity, worth, sender, destination, height] as never,
      );
      return true;
    });
  }

  /** Ends one that waits. */
  async fail(token: string, transactionId: string, reason: string): Promise<void> {
    await this.#db.raw(
      `update top_ups set state = 'failed', failed_reason = ?, settled_at = now()
       where token = ? and transaction_id = ? and state = 'pending'`,
      [reason, token, transactionId],
    );
  }

  /** Those that wait, those first that were looked at longest ago; each is taken as looked at now. */
  async takePending(limit: number): Promise<TopUp[]> {
    const result = await this.#db.raw<{ rows: TopUp[] }>(
      `update top_ups set checked_at = now() where (token, transaction_id) in (
         select token, transaction_id from top_ups where state = 'pending'
         order by checked_at limit ? for update skip locked
       ) returning ${columns}`,
      [limit],
    );
    return result.rows;
  }

  /** Those that were credited to an address, latest first; before a moment, when one is given. */
  async history(address: string, limit: number, before?: Date): Promise<TopUp[]> {
    const result = await this.#db.raw<{ rows: TopUp[] }>(
      `select ${columns} from top_ups where state = 'credited' and destination = ? and settled_at < ?
       order by settled_at desc limit ?`,
      [address, before ?? 'infinity', limit] as never,
    );
    return result.rows;
  }
}

function facts(seen: ChainTransaction | undefined, winc: bigint | undefined): unknown[] {
  if (!seen || winc === undefined) return [null, null, null, null, null];
  return [String(seen.quantity), String(winc), seen.sender, seen.beneficiary ?? seen.sender, seen.blockHeight];
}
