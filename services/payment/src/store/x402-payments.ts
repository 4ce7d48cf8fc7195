import type { Knex } from '@bundler/adapters';
import type { X402Payment, X402Requirements } from '@bundler/contract';
import { creditOnce } from './balances.ts';
import { transact } from './transactions.ts';

/** Where a payment is: about to be carried out or perhaps done, done, refused, or nobody can tell. */
export type X402State = 'settling' | 'credited' | 'refused' | 'unclear';

/** A payment that we have begun to carry out. */
export interface X402Row {
  readonly id: number;
  readonly state: X402State;
  readonly dataItemId: string | null;
  readonly payer: string;
  readonly beneficiary: string;
  readonly worth: string;
  readonly payment: X402Payment;
  readonly requirements: X402Requirements;
  /** As it is on its chain. */
  readonly transaction: string | null;
  readonly reason: string | null;
  /** How often it was tried before. */
  readonly tries: number;
}

export interface NewX402Payment {
  readonly payer: string;
  readonly beneficiary: string;
  readonly dataItemId: string | undefined;
  readonly worth: bigint;
  readonly payment: X402Payment;
  readonly requirements: X402Requirements;
}

/** What is read of a row to have an `X402Row`. */
export const x402Columns = `id, state, data_item_id as "dataItemId", payer, beneficiary, worth::text, payment, requirements,
  transaction_id as "transaction", reason, tries`;
/** The account that all of them come in through. */
const SOURCE = 'x402';

/**
 * Payments by x402. A row is written before the facilitator is asked to carry one out: whatever crashes then, it is known
 * what may have been paid. Whoever asks the facilitator holds the row for so long as that may take.
 */
export class X402Payments {
  readonly #db: Knex;
  readonly #holdMs: number;

  /** @param holdMs longer than a settlement may take, milliseconds */
  constructor(db: Knex, holdMs: number) {
    this.#db = db;
    this.#holdMs = holdMs;
  }

  /** Begins a payment and holds it. Undefined when it was begun before. */
  async begin({ beneficiary, dataItemId, payer, payment, requirements, worth }: NewX402Payment) {
    const { network, payload } = payment;
    const result = await this.#db.raw<{ rows: X402Row[] }>(
      `insert into x402_payments (network, payer, nonce, data_item_id, beneficiary, worth, payment, requirements, held_until)
       values (?, ?, ?, ?, ?, ?, ?, ?, now() + ?::bigint * interval '1 millisecond')
       on conflict do nothing returning ${x402Columns}`,
      [
        network,
        payer,
        payload.authorization.nonce.toLowerCase(),
        dataItemId ?? null,
        beneficiary,
        String(worth),
        JSON.stringify(payment),
        JSON.stringify(requirements),
        this.#holdMs,
      ],
    );
    return result.rows[0];
  }

  async find(network: string, payer: string, nonce: string): Promise<X402Row | undefined> {
    const result = await this.#db.raw<{ rows: X402Row[] }>(
      `select ${x402Columns} from x402_payments where network = ? and payer = ? and nonce = ?`,
      [network, payer, nonce.toLowerCase()],
    );
    return result.rows[0];
  }

  /** The last payment of somebody for an item that was not refused. */
  async lastFor(dataItemId: string, payer: string): Promise<X402Row | undefined> {
    const result = await this.#db.raw<{ rows: X402Row[] }>(
      `select ${x402Columns} from x402_payments
       where data_item_id = ? and payer = ? and state <> 'refused' order by id desc limit 1`,
      [dataItemId, payer],
    );
    return result.rows[0];
  }

  /** What is reserved for an item, or was captured; undefined when nothing is. */
  async reservedFor(dataItemId: string): Promise<bigint | undefined> {
    const result = await this.#db.raw<{ rows: { winc: string }[] }>(
      `select winc::text from reservations where data_item_id = ? and state in ('pending', 'captured')`,
      [dataItemId],
    );
    const [row] = result.rows;
    return row && BigInt(row.winc);
  }

  /** Holds a payment that waits to be settled, when nobody else does. */
  async hold(id: number): Promise<X402Row | undefined> {
    const [row] = await this.#hold('id = ?', [id]);
    return row;
  }

  /** Holds those that nobody holds, for so long that whoever did must be gone. */
  holdAbandoned(limit: number): Promise<X402Row[]> {
    return this.#hold(
      `id in (select id from x402_payments where state = 'settling' and held_until <= now()
       order by held_until limit ? for update skip locked)`,
      [limit],
    );
  }

  /** Credits what was paid, once, and notes it where its beneficiary looks for what came in. */
  credit(row: X402Row, transaction: string, token: string): Promise<void> {
    return transact(this.#db, async (trx) => {
      await creditX402(trx, row, transaction, token);
    });
  }

  /** Ends a payment that brings no credits. */
  async end(id: number, state: 'refused' | 'unclear', reason: string): Promise<void> {
    await this.#db.raw(
      `update x402_payments set state = ?, reason = ?, settled_at = now() where id = ? and state = 'settling'`,
      [state, reason, id],
    );
  }

  async #hold(which: string, bindings: readonly unknown[]): Promise<X402Row[]> {
    const result = await this.#db.raw<{ rows: X402Row[] }>(
      `update x402_payments set tries = tries + 1, held_until = now() + ?::bigint * interval '1 millisecond'
       where state = 'settling' and held_until <= now() and ${which} returning ${x402Columns}`,
      [this.#holdMs, ...bindings] as never,
    );
    return result.rows;
  }
}

/**
 * As `X402Payments.credit`, as a part of a transaction.
 *
 * @returns false when the transaction has brought credits before: who asked the facilitator believes it all the same
 */
export async function creditX402(trx: Knex, row: X402Row, transaction: string, token: string): Promise<boolean> {
  const moved = await trx.raw(
    `update x402_payments set state = 'credited', transaction_id = ?, settled_at = now()
     where id = ? and state in ('settling', 'unclear')`,
    [transaction, row.id],
  );
  if (moved.rowCount === 0) return true;
  const worth = BigInt(row.worth);
  if (worth > 0n) await creditOnce(trx, row.beneficiary, worth, SOURCE, String(row.id));
  // A client may have told of it as of a plain top-up, which it is not: that waits or has failed.
  const noted = await trx.raw(
    `insert into top_ups (token, transaction_id, state, quantity, winc, sender, destination, settled_at)
     values (?, ?, 'credited', ?, ?, ?, ?, now())
     on conflict (token, transaction_id) do update set state = 'credited', quantity = excluded.quantity,
       winc = excluded.winc, sender = excluded.sender, destination = excluded.destination, failed_reason = null,
       settled_at = now() where top_ups.state <> 'credited'`,
    [token, transaction, row.payment.payload.authorization.value, row.worth, row.payer, row.beneficiary],
  );
  return noted.rowCount > 0;
}
