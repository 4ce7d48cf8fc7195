import type { Database } from '@bundler/adapters';
import { Approvals, Balances, Reservations } from '@bundler/payment';
import { connectTestDatabase } from '../database.ts';
import { type CuttingWire, startCuttingWire } from './cutting-wire.ts';
import { type Cut, type Operation, type Outcome, type Tried, told } from './operations.ts';

const HOUR_MS = 3_600_000;
const MAX_TRIES = 10;

/** One process of the payment service, as far as the ledger knows: one connection, over a wire that can be cut. */
export class LedgerWriter {
  readonly #wire: CuttingWire;
  readonly #database: Database;
  readonly #source: string;
  readonly #ledger: { balances: Balances; approvals: Approvals; reservations: Reservations };

  private constructor(wire: CuttingWire, database: Database, source: string, now: () => number) {
    this.#wire = wire;
    this.#database = database;
    this.#source = source;
    const db = database.writer;
    this.#ledger = {
      balances: new Balances(db),
      approvals: new Approvals(db, now),
      reservations: new Reservations(db, () => HOUR_MS, now),
    };
  }

  /** @param url of a database that is up to date @param source what credits come through */
  static async open(url: string, source: string, now: () => number): Promise<LedgerWriter> {
    const target = new URL(url);
    const wire = await startCuttingWire(Number(target.port));
    target.port = String(wire.port);
    return new LedgerWriter(wire, connectTestDatabase(target.href, 1), source, now);
  }

  /** Does an operation until it is answered, as whoever asks a service does. @throws what the database refuses */
  async run(operation: Operation, cut: Cut | undefined): Promise<Tried> {
    const outcomes: Outcome[] = [];
    if (cut) this.#wire.arm(cut);
    for (;;) {
      try {
        outcomes.push(await this.#ask(operation));
        this.#wire.disarm();
        return { operation, outcomes };
      } catch (error) {
        // What PostgreSQL says of a statement has a severity; what a broken connection says has none.
        if ('severity' in (error as object) || outcomes.length >= MAX_TRIES) throw error;
        outcomes.push(undefined);
      }
    }
  }

  async close(): Promise<void> {
    await this.#database.close();
    await this.#wire.close();
  }

  async #ask(operation: Operation): Promise<string> {
    const { approvals, balances, reservations } = this.#ledger;
    switch (operation.kind) {
      case 'credit': {
        const { reference, to, winc } = operation;
        return (await balances.credit(to, winc, this.#source, reference)) ? 'new' : 'known';
      }
      case 'reserve': {
        const charges = operation.charges.map(({ item, ...charge }) => ({ ...charge, dataItemId: item, byteCount: 1 }));
        return told([...(await reservations.reserve(charges))].map(([id, winc]) => `${id}=${winc}`));
      }
      case 'approve': {
        const made = await approvals.create(operation);
        return typeof made === 'string' ? made : `${made.id}=${made.left}`;
      }
      case 'revoke':
        return told((await approvals.revoke(operation)).map(({ id, left }) => `${id}=${left}`));
      case 'expire':
        await approvals.expire();
        return '';
      case 'captureLate': {
        const { settled, unpaid } = await reservations.captureLate(operation.items);
        return told([...settled.map((id) => `${id}=paid`), ...unpaid.map((id) => `${id}=unpaid`)]);
      }
      default:
        return told(await reservations.settle(operation.items, operation.kind));
    }
  }
}
