import type { Knex } from '@bundler/adapters';
import { type AccountName, addTransfers, lockAccounts, nameOf } from './accounts.ts';
import { transact } from './transactions.ts';

/** Credits of somebody that somebody else may spend. */
export interface Approval {
  /** Of the data item that made it. */
  readonly id: string;
  readonly payer: string;
  readonly approved: string;
  /** What was approved. */
  readonly winc: bigint;
  /** What is still there to be spent; of one that has ended, what went back to the payer then. */
  readonly left: bigint;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

/** What somebody wants to share. */
export interface WantedApproval extends Pick<Approval, 'id' | 'payer' | 'approved' | 'winc'> {
  readonly expiresInSeconds?: number | undefined;
}

/** Some approvals, those first that are spent first, and what all of them have left together. */
export interface ApprovalList {
  readonly approvals: readonly Approval[];
  readonly left: bigint;
}

/** Approvals that one answer names: anybody may share one credit with anybody, as often as they like. */
const LIST_LIMIT = 1000;
/** Approvals of one payer for one signer that one charge is taken from, for the same reason. */
const SPEND_LIMIT = 100;
/** Approvals that one transaction ends. */
const END_LIMIT = 500;

const columns = `a.id, a.payer, a.approved, a.winc::text, coalesce(a.returned, c.balance)::text as left,
  a.created_at as "createdAt", a.expires_at as "expiresAt"`;
/** Those that end soonest are spent first, so that less comes to nothing; then the oldest. */
const ORDER = 'a.expires_at nulls last, a.created_at, a.account';
const COUNTS = `a.state = 'active' and (a.expires_at is null or a.expires_at > ?)`;

/**
 * Credit sharing. What is approved leaves what its payer can spend; what is left of it comes back when the approval ends.
 * Whether one has expired is asked whenever it matters: nothing depends on when `expire` comes round to it.
 */
export class Approvals {
  readonly #db: Knex;
  readonly #now: () => number;

  /** @param now Unix milliseconds */
  constructor(db: Knex, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  /** Makes an approval, once for each data item: made again it is the same. */
  async create(wanted: WantedApproval): Promise<Approval | 'insufficient' | 'ended'> {
    await this.expire([wanted.payer]);
    return transact(this.#db, async (trx) => {
      // Everything about one payer's approvals takes turns here.
      const own = await lockOwn(trx, wanted.payer);
      const known = await this.#find(trx, 'a.id = ?', [wanted.id]);
      if (known.length > 0) return this.#again(trx, wanted);
      if (!own || own.balance < wanted.winc) return 'insufficient';
      await this.#insert(trx, wanted, own.id);
      return (await this.#find(trx, 'a.id = ?', [wanted.id]))[0]!;
    });
  }

  /** Ends all approvals of a payer for somebody, once for each data item. @returns those that this item has ended */
  async revoke({ id, payer, approved }: Pick<Approval, 'id' | 'payer' | 'approved'>): Promise<Approval[]> {
    await this.expire([payer]);
    return transact(this.#db, async (trx) => {
      await lockOwn(trx, payer);
      const ended = (): Promise<Approval[]> =>
        this.#find(trx, `a.revoked_by = ? and a.payer = ? and a.approved = ?`, [id, payer, approved]);
      const before = await ended();
      if (before.length > 0) return before;
      const active = await this.#find(trx, `a.payer = ? and a.approved = ? and ${COUNTS}`, [
        payer,
        approved,
        this.#date(),
      ]);
      await this.#end(trx, active, { state: 'revoked', revokedBy: id });
      return ended();
    });
  }

  /** Ends approvals whose time is over, all or those of some payers. @returns how many */
  async expire(payers?: readonly string[]): Promise<number> {
    const filter = payers ? 'and a.payer = any(?::text[])' : '';
    for (let count = 0; ; ) {
      const over = await this.#find(
        this.#db,
        `a.state = 'active' and a.expires_at <= ? ${filter}`,
        [this.#date(), ...(payers ? [payers] : [])],
        END_LIMIT,
      );
      if (over.length > 0) await transact(this.#db, (trx) => this.#end(trx, over, { state: 'expired' }));
      count += over.length;
      if (over.length < END_LIMIT) return count;
    }
  }

  /** What somebody shares with others. One of which nothing is left is not named; it is again when something comes back. */
  given(payer: string): Promise<ApprovalList> {
    return this.#list('a.payer = ?', [payer]);
  }

  /** What others share with somebody. */
  received(approved: string): Promise<ApprovalList> {
    return this.#list('a.approved = ?', [approved]);
  }

  /** What one shares with another. */
  between(payer: string, approved: string): Promise<ApprovalList> {
    return this.#list('a.payer = ? and a.approved = ?', [payer, approved]);
  }

  async #list(condition: string, bindings: readonly unknown[]): Promise<ApprovalList> {
    const result = await this.#db.raw<{ rows: (Row & { sum: string })[] }>(
      `select ${columns}, sum(c.balance) over ()::text as sum
       from approvals a join accounts c on c.id = a.account
       where ${condition} and c.balance > 0 and ${COUNTS} order by ${ORDER} limit ?`,
      [...bindings, this.#date(), LIST_LIMIT] as never,
    );
    return { approvals: result.rows.map(approvalOf), left: BigInt(result.rows[0]?.sum ?? 0) };
  }

  async #insert(trx: Knex, { id, payer, approved, winc, expiresInSeconds }: WantedApproval, own: number) {
    const account = await trx.raw<{ rows: { id: number }[] }>(
      `insert into accounts (kind, owner, ceiling) values ('shared', ?, ?) returning id`,
      [id, String(winc)],
    );
    const credited = account.rows[0]!.id;
    const createdAt = this.#now();
    const expiresAt = expiresInSeconds === undefined ? null : new Date(createdAt + expiresInSeconds * 1000);
    await trx.raw(
      `insert into approvals (id, account, payer, approved, winc, created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?)`,
      [id, credited, payer, approved, String(winc), new Date(createdAt), expiresAt] as never,
    );
    await addTransfers(trx, [{ reason: 'approve', reference: id, debited: own, credited, amount: winc }]);
  }

  /** The approval that an item has made before, unless it has ended, or the item wants another one now. */
  async #again(trx: Knex, { id, payer, approved, winc }: WantedApproval): Promise<Approval | 'ended'> {
    const [same] = await this.#find(trx, `a.id = ? and a.payer = ? and a.approved = ? and a.winc = ? and ${COUNTS}`, [
      id,
      payer,
      approved,
      String(winc),
      this.#date(),
    ]);
    return same ?? 'ended';
  }

  /** Gives back what is left of those of some approvals that have not ended yet. */
  async #end(
    trx: Knex,
    approvals: readonly Approval[],
    end: { readonly state: 'expired' } | { readonly state: 'revoked'; readonly revokedBy: string },
  ): Promise<void> {
    const accounts = await lockAccounts(
      trx,
      approvals.flatMap(({ id, payer }): AccountName[] => [
        ['shared', id],
        ['available', payer],
      ]),
    );
    const ids = approvals.map(({ id }) => id);
    const ending = await this.#find(trx, `a.id = any(?::text[]) and a.state = 'active'`, [ids]);
    if (ending.length === 0) return;
    const transfers = ending.map(({ id, left, payer }) => ({
      reason: end.state === 'expired' ? ('expire' as const) : ('revoke' as const),
      reference: id,
      debited: accounts.get(nameOf('shared', id))!.id,
      credited: accounts.get(nameOf('available', payer))!.id,
      amount: left,
    }));
    await addTransfers(
      trx,
      transfers.filter(({ amount }) => amount > 0n),
    );
    await trx.raw(
      `update approvals a set state = ?, revoked_by = ?, ended_at = ?, returned = ending.winc
       from unnest(?::text[], ?::numeric[]) as ending(id, winc) where a.id = ending.id`,
      [
        end.state,
        'revokedBy' in end ? end.revokedBy : null,
        this.#date(),
        ending.map(({ id }) => id),
        ending.map(({ left }) => String(left)),
      ] as never,
    );
  }

  async #find(db: Knex, condition: string, bindings: readonly unknown[], limit?: number): Promise<Approval[]> {
    const result = await db.raw<{ rows: Row[] }>(
      `select ${columns} from approvals a join accounts c on c.id = a.account
       where ${condition} order by ${ORDER} ${limit === undefined ? '' : `limit ${limit}`}`,
      bindings as never,
    );
    return result.rows.map(approvalOf);
  }

  #date(): Date {
    return new Date(this.#now());
  }
}

/** An approval that a charge may be taken from. */
export interface SpendableApproval {
  readonly id: string;
  readonly payer: string;
  readonly approved: string;
}

/** Those that let signers spend what payers have, by the pair, those first that are spent first. */
export async function spendableApprovals(
  db: Knex,
  pairs: readonly (readonly [payer: string, signer: string])[],
  now: number,
): Promise<SpendableApproval[]> {
  if (pairs.length === 0) return [];
  const result = await db.raw<{ rows: SpendableApproval[] }>(
    `select found.id, pair.payer, pair.approved
     from unnest(?::text[], ?::text[]) with ordinality as pair(payer, approved, place)
     cross join lateral (
       select a.id, row_number() over (order by ${ORDER}) as place
       from approvals a join accounts c on c.id = a.account
       where a.payer = pair.payer and a.approved = pair.approved and c.balance > 0 and ${COUNTS}
       order by ${ORDER} limit ${SPEND_LIMIT}
     ) found
     order by pair.place, found.place`,
    [pairs.map(([payer]) => payer), pairs.map(([, signer]) => signer), new Date(now)] as never,
  );
  return result.rows;
}

interface Row extends Omit<Approval, 'winc' | 'left'> {
  readonly winc: string;
  readonly left: string;
}

const approvalOf = ({ id, payer, approved, winc, left, createdAt, expiresAt }: Row): Approval => ({
  id,
  payer,
  approved,
  winc: BigInt(winc),
  left: BigInt(left),
  createdAt,
  expiresAt,
});

async function lockOwn(trx: Knex, payer: string) {
  const accounts = await lockAccounts(trx, [['available', payer]]);
  return accounts.get(nameOf('available', payer));
}
