import type { Knex } from '@bundler/adapters';
import { type PricedCharge, type Purse, planReservations } from '../ledger/plan-reservations.ts';
import { moveOf, type ReservationState, type Settlement } from '../ledger/settlement.ts';
import {
  type Account,
  type AccountName,
  addTransfers,
  lockAccounts,
  nameOf,
  openAccounts,
  type Transfer,
} from './accounts.ts';
import { transact } from './transactions.ts';

/** What one item costs and who has signed it. */
export interface Charge {
  readonly dataItemId: string;
  /** Address of the signer, in the form of their own chain. */
  readonly signer: string;
  readonly byteCount: number;
  readonly winc: bigint;
}

const EARNED: AccountName = ['earned', 'uploads'];

/** Credits that are set aside for items, and what becomes of them. */
export class Reservations {
  readonly #db: Knex;
  readonly #ttlMs: () => number;

  /** @param ttlMs after how long a reservation that nobody has settled is looked into, milliseconds */
  constructor(db: Knex, ttlMs: () => number) {
    this.#db = db;
    this.#ttlMs = ttlMs;
  }

  /**
   * Sets aside what items cost, in one transaction. An item for which that was done before is not charged again, and has
   * its price of then.
   *
   * @returns what is reserved by item; nothing for those that cannot be paid for
   */
  reserve(charges: readonly Charge[]): Promise<Map<string, bigint>> {
    return transact(this.#db, async (trx) => {
      const signers = [...new Set(charges.map(({ signer }) => signer))];
      const accounts = await lockAccounts(trx, signers.flatMap(purseOf));
      const reserved = await this.#renew(trx, charges);
      const open = uniqueById(charges).filter(({ dataItemId }) => !reserved.has(dataItemId));
      const planned = planReservations(open.map(priced), pursesOf(signers, accounts));
      const ids = await this.#insert(
        trx,
        open.filter(({ dataItemId }) => planned.some((plan) => plan.dataItemId === dataItemId)),
      );
      const transfers = planned.flatMap(({ dataItemId, parts }) =>
        parts.map(({ purse, amount }) => ({
          reason: 'reserve' as const,
          reference: String(ids.get(dataItemId)),
          debited: purse.account,
          credited: purse.held,
          amount,
        })),
      );
      await addTransfers(trx, transfers);
      for (const { dataItemId, winc } of planned) reserved.set(dataItemId, winc);
      return reserved;
    });
  }

  /** Settles what is reserved for items. @returns those whose credits moved now */
  settle(dataItemIds: readonly string[], settlement: Settlement): Promise<string[]> {
    return transact(this.#db, async (trx) => {
      const candidates = await activeIn(trx, dataItemIds);
      if (!candidates.some(({ state }) => moveOf(settlement, state))) return [];
      // Accounts before reservations, as in `reserve`: then no two transactions wait for each other.
      const parts = await partsOf(trx, candidates);
      const earned = await lockWithEarned(trx, parts);
      const moving = (await activeIn(trx, dataItemIds, 'for update')).flatMap((row) => {
        const move = moveOf(settlement, row.state);
        return move ? [{ ...row, ...move }] : [];
      });
      await addTransfers(trx, transfersOf(moving, parts, earned));
      await trx.raw(
        `update reservations r set state = moved.state, settled_at = now()
         from unnest(?::bigint[], ?::text[]) as moved(id, state) where r.id = moved.id`,
        [moving.map(({ id }) => id), moving.map(({ to }) => to)] as never,
      );
      return moving.map(({ dataItemId }) => dataItemId);
    });
  }

  /**
   * Charges anew, at the price of then, accepted items whose reservation had run out and gone back before it was captured.
   *
   * @returns those that are paid for now, and those whose signer has nothing left
   */
  async captureLate(dataItemIds: readonly string[]): Promise<{ settled: string[]; unpaid: string[] }> {
    const result = await this.#db.raw<{ rows: (Omit<Charge, 'winc'> & { winc: string })[] }>(
      `select distinct on (data_item_id) data_item_id as "dataItemId", signer, byte_count as "byteCount", winc::text
       from reservations r
       where data_item_id = any(?::text[]) and state = 'released' and not exists (
         select from reservations later where later.data_item_id = r.data_item_id and later.id > r.id)
       order by data_item_id, id desc`,
      [dataItemIds as never],
    );
    if (result.rows.length === 0) return { settled: [], unpaid: [] };
    const charges = result.rows.map((row) => ({ ...row, winc: BigInt(row.winc) }));
    const paid = await this.reserve(charges);
    const ids = charges.map(({ dataItemId }) => dataItemId);
    return {
      settled: await this.settle([...paid.keys()], 'capture'),
      unpaid: ids.filter((id) => !paid.has(id)),
    };
  }

  /** Items whose reservation has been pending for longer than any upload takes, oldest first. */
  async expired(limit: number): Promise<string[]> {
    const result = await this.#db.raw<{ rows: { dataItemId: string }[] }>(
      `select data_item_id as "dataItemId" from reservations
       where state = 'pending' and expires_at <= now() order by expires_at limit ?`,
      [limit],
    );
    return result.rows.map(({ dataItemId }) => dataItemId);
  }

  /** What is reserved already. It counts from now: whoever asks again is still uploading. */
  async #renew(trx: Knex, charges: readonly Charge[]): Promise<Map<string, bigint>> {
    const result = await trx.raw<{ rows: { dataItemId: string; winc: string }[] }>(
      `update reservations set expires_at = now() + ?::bigint * interval '1 millisecond'
       where data_item_id = any(?::text[]) and state in ('pending', 'captured')
       returning data_item_id as "dataItemId", winc::text`,
      [this.#ttlMs(), charges.map(({ dataItemId }) => dataItemId)] as never,
    );
    return new Map(result.rows.map(({ dataItemId, winc }) => [dataItemId, BigInt(winc)]));
  }

  async #insert(trx: Knex, charges: readonly Charge[]): Promise<Map<string, number>> {
    if (charges.length === 0) return new Map();
    const sorted = charges.toSorted((a, b) => (a.dataItemId < b.dataItemId ? -1 : 1));
    const result = await trx.raw<{ rows: { id: number; dataItemId: string }[] }>(
      `insert into reservations (data_item_id, signer, byte_count, winc, expires_at)
       select item.*, now() + ?::bigint * interval '1 millisecond'
       from unnest(?::text[], ?::text[], ?::bigint[], ?::numeric[]) as item
       returning id, data_item_id as "dataItemId"`,
      [
        this.#ttlMs(),
        sorted.map(({ dataItemId }) => dataItemId),
        sorted.map(({ signer }) => signer),
        sorted.map(({ byteCount }) => byteCount),
        sorted.map(({ winc }) => String(winc)),
      ] as never,
    );
    return new Map(result.rows.map(({ id, dataItemId }) => [dataItemId, id]));
  }
}

interface Active {
  readonly id: number;
  readonly dataItemId: string;
  readonly state: ReservationState;
}

/** An amount that a reservation took: where from, and where it is held. */
interface Held {
  readonly reference: string;
  readonly source: number;
  readonly held: number;
  readonly amount: string;
}

/** The reservations of items that count. */
async function activeIn(trx: Knex, dataItemIds: readonly string[], lock: '' | 'for update' = ''): Promise<Active[]> {
  const result = await trx.raw<{ rows: Active[] }>(
    `select id, data_item_id as "dataItemId", state from reservations
     where data_item_id = any(?::text[]) and state in ('pending', 'captured') order by id ${lock}`,
    [dataItemIds as never],
  );
  return result.rows;
}

async function partsOf(trx: Knex, reservations: readonly Active[]): Promise<Held[]> {
  const result = await trx.raw<{ rows: Held[] }>(
    `select reference, debited as source, credited as held, amount::text from transfers
     where reason = 'reserve' and reference = any(?::text[])`,
    [reservations.map(({ id }) => String(id)) as never],
  );
  return result.rows;
}

/** Locks the accounts of parts, and the one for what is earned, whose id it returns. */
async function lockWithEarned(trx: Knex, parts: readonly Held[]): Promise<number> {
  await openAccounts(trx, [EARNED]);
  const ids = parts.flatMap(({ source, held }) => [source, held]);
  const result = await trx.raw<{ rows: { id: number; kind: string }[] }>(
    `select id, kind from accounts where id = any(?::bigint[]) or (kind = ? and owner = ?) order by id for update`,
    [ids, ...EARNED] as never,
  );
  return result.rows.find(({ kind }) => kind === 'earned')!.id;
}

function transfersOf(
  moving: readonly (Active & { readonly reason: Settlement })[],
  parts: readonly Held[],
  earned: number,
): Transfer[] {
  const byReference = Map.groupBy(parts, ({ reference }) => reference);
  return moving.flatMap(({ id, reason }) =>
    (byReference.get(String(id)) ?? []).map(({ source, held, amount }) => ({
      reason,
      reference: String(id),
      debited: reason === 'refund' ? earned : held,
      credited: reason === 'capture' ? earned : source,
      amount: BigInt(amount),
    })),
  );
}

const purseOf = (owner: string): AccountName[] => [
  ['available', owner],
  ['held', owner],
];

const priced = ({ dataItemId, signer, winc }: Charge): PricedCharge => ({
  dataItemId,
  winc,
  purses: [nameOf('available', signer)],
});

function pursesOf(owners: readonly string[], accounts: ReadonlyMap<string, Account>): Map<string, Purse> {
  return new Map(
    owners.flatMap((owner) => {
      const account = accounts.get(nameOf('available', owner));
      const held = accounts.get(nameOf('held', owner));
      if (!account || !held) return [];
      return [[nameOf('available', owner), { account: account.id, held: held.id, balance: account.balance }] as const];
    }),
  );
}

const uniqueById = (charges: readonly Charge[]): Charge[] => [
  ...new Map(charges.map((charge) => [charge.dataItemId, charge])).values(),
];
