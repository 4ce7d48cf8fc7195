import type { Knex } from '@bundler/adapters';
import { type PricedCharge, type Purse, planReservations } from '../ledger/plan-reservations.ts';
import type { Settlement } from '../ledger/settlement.ts';
import { type Account, type AccountKind, type AccountName, addTransfers, lockAccounts, nameOf } from './accounts.ts';
import { Approvals, type SpendableApproval, spendableApprovals } from './approvals.ts';
import { captureHeld } from './capture-held.ts';
import { giveBack } from './give-back.ts';
import { reservePlain } from './plain-charges.ts';
import { isAmong, Overtaken, transact } from './transactions.ts';

/** What one item costs and who has signed it. */
export interface Charge {
  readonly dataItemId: string;
  /** Address of the signer, in the form of their own chain. */
  readonly signer: string;
  readonly byteCount: number;
  readonly winc: bigint;
  /** Addresses whose approvals pay before the signer does, in this order; the signer's own may be among them. */
  readonly paidBy?: readonly string[];
}

/** Credits that are set aside for items, and what becomes of them. */
export class Reservations {
  readonly #db: Knex;
  readonly #ttlMs: () => number;
  readonly #now: () => number;

  /**
   * @param ttlMs after how long a reservation that nobody has settled is looked into, milliseconds
   * @param now Unix milliseconds
   */
  constructor(db: Knex, ttlMs: () => number, now: () => number = Date.now) {
    this.#db = db;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  /**
   * Sets aside what items cost, in one transaction. An item for which that was done before is not charged again, and has
   * its price of then.
   *
   * @returns what is reserved by item; nothing for those that cannot be paid for
   */
  async reserve(charges: readonly Charge[]): Promise<Map<string, bigint>> {
    if (await reservePlain(this.#db, charges, this.#ttlMs())) {
      return new Map(charges.map(({ dataItemId, winc }) => [dataItemId, winc]));
    }
    // What has expired is its payer's own again.
    await new Approvals(this.#db, this.#now).expire(charges.map(({ signer }) => signer));
    return transact(this.#db, async (trx) => {
      const approvals = await spendableApprovals(trx, pairsOf(charges), this.#now());
      const accounts = await lockAccounts(trx, accountsOf(charges, approvals));
      // Those that have ended or expired while we waited are not among them; one that is new was not locked.
      const counting = await spendableApprovals(trx, pairsOf(charges), this.#now());
      if (!isAmong(counting, approvals)) throw new Overtaken('an approval was made meanwhile');
      const reserved = await this.#renew(trx, charges);
      const open = uniqueById(charges).filter(({ dataItemId }) => !reserved.has(dataItemId));
      const planned = planReservations(
        open.map((charge) => priced(charge, counting)),
        pursesOf(charges, counting, accounts),
      );
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

  /** What a charge of a signer could be taken from now; undefined when neither the signer nor an approval is known. */
  async spendable(signer: string, paidBy: readonly string[]): Promise<bigint | undefined> {
    await new Approvals(this.#db, this.#now).expire([signer]);
    const approvals = await spendableApprovals(
      this.#db,
      pairsOf([{ dataItemId: '', signer, paidBy, byteCount: 0, winc: 0n }]),
      this.#now(),
    );
    const result = await this.#db.raw<{ rows: { sum: string | null }[] }>(
      `select sum(balance)::text as sum from accounts
       where kind = 'available' and owner = ? or kind = 'shared' and owner = any(?::text[])`,
      [signer, approvals.map(({ id }) => id)] as never,
    );
    const sum = result.rows[0]?.sum ?? undefined;
    return sum === undefined ? undefined : BigInt(sum);
  }

  /** Settles what is reserved for items. @returns those whose credits moved now */
  settle(dataItemIds: readonly string[], settlement: Settlement): Promise<string[]> {
    return settlement === 'capture'
      ? captureHeld(this.#db, dataItemIds)
      : giveBack(this.#db, dataItemIds, settlement, this.#now);
  }

  /**
   * Charges anew, at the price of then, accepted items whose reservation had run out and gone back before it was captured.
   *
   * @returns those that are paid for now, and those whose signer has nothing left
   */
  async captureLate(dataItemIds: readonly string[]): Promise<{ settled: string[]; unpaid: string[] }> {
    const result = await this.#db.raw<{ rows: (Omit<Charge, 'winc'> & { winc: string })[] }>(
      `select distinct on (data_item_id) data_item_id as "dataItemId", signer, byte_count as "byteCount", winc::text,
         paid_by as "paidBy"
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
      `insert into reservations (data_item_id, signer, byte_count, winc, paid_by, expires_at)
       select id, signer, byte_count, winc, string_to_array(paid_by, ','), now() + ?::bigint * interval '1 millisecond'
       from unnest(?::text[], ?::text[], ?::bigint[], ?::numeric[], ?::text[])
         as item(id, signer, byte_count, winc, paid_by)
       returning id, data_item_id as "dataItemId"`,
      [
        this.#ttlMs(),
        sorted.map(({ dataItemId }) => dataItemId),
        sorted.map(({ signer }) => signer),
        sorted.map(({ byteCount }) => byteCount),
        sorted.map(({ winc }) => String(winc)),
        sorted.map(({ paidBy = [] }) => paidBy.join(',')),
      ] as never,
    );
    return new Map(result.rows.map(({ id, dataItemId }) => [dataItemId, id]));
  }
}

const purseOf = (owner: string): AccountName[] => [
  ['available', owner],
  ['held', owner],
];

/** Whose approvals for whom charges may be taken from. */
function pairsOf(charges: readonly Charge[]): [payer: string, signer: string][] {
  const pairs = charges.flatMap(({ paidBy = [], signer }) =>
    paidBy
      .filter((payer) => payer !== signer)
      .map((payer): [string, [string, string]] => [`${payer} ${signer}`, [payer, signer]]),
  );
  return [...new Map(pairs).values()];
}

function accountsOf(charges: readonly Charge[], approvals: readonly SpendableApproval[]): AccountName[] {
  return [
    ...[...new Set(charges.map(({ signer }) => signer))].flatMap(purseOf),
    ...approvals.flatMap(({ id, payer }): AccountName[] => [
      ['shared', id],
      ['held', payer],
    ]),
  ];
}

/** What a charge is taken from, in this order: what payers share in the order in which they are named, then the signer's own. */
function priced(
  { dataItemId, paidBy = [], signer, winc }: Charge,
  approvals: readonly SpendableApproval[],
): PricedCharge {
  const own = nameOf('available', signer);
  const shared = paidBy.flatMap((payer) =>
    payer === signer
      ? [own]
      : approvals.filter((a) => a.payer === payer && a.approved === signer).map(({ id }) => nameOf('shared', id)),
  );
  return { dataItemId, winc, purses: [...shared, own] };
}

/** What is in the purses. Credits that are reserved through an approval are held for their payer. */
function pursesOf(
  charges: readonly Charge[],
  approvals: readonly SpendableApproval[],
  accounts: ReadonlyMap<string, Account>,
): Map<string, Purse> {
  const purse = (kind: AccountKind, name: string, payer: string): [string, Purse][] => {
    const account = accounts.get(nameOf(kind, name));
    const held = accounts.get(nameOf('held', payer));
    if (!account || !held) return [];
    return [[nameOf(kind, name), { account: account.id, held: held.id, balance: account.balance }]];
  };
  return new Map([
    ...charges.flatMap(({ signer }) => purse('available', signer, signer)),
    ...approvals.flatMap(({ id, payer }) => purse('shared', id, payer)),
  ]);
}

const uniqueById = (charges: readonly Charge[]): Charge[] => [
  ...new Map(charges.map((charge) => [charge.dataItemId, charge])).values(),
];
