import type { Knex } from '@bundler/adapters';
import type { AccountReport, GrantRequest, PaymentActName, UnclearX402 } from '@bundler/contract';
import type { PromoCode } from '../ledger/promo-code.ts';
import type { Finding } from '../x402/judge-finding.ts';
import { creditOnce } from './balances.ts';
import { transact } from './transactions.ts';
import { type JudgedX402, listUnclearX402, settleX402 } from './x402-findings.ts';

/** The account of what those who look after the service have granted. */
const GRANTS = 'admin';
/** Transfers of an account that are shown, and payments that wait. */
const SHOWN = 100;

/** What those who look after the service do with accounts: each act is a row of the same transaction, for good. */
export class Administration {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Everything about an account; undefined for one that never was. */
  inspect(admin: string, address: string): Promise<AccountReport | undefined> {
    return this.#db.transaction(async (trx) => {
      await note(trx, admin, 'inspect', address, {});
      const balances = await trx.raw<{ rows: { kind: string; balance: string }[] }>(
        'select kind, balance::text from accounts where owner = ? order by kind',
        [address],
      );
      if (balances.rows.length === 0) return undefined;
      const flags = await trx.raw<{ rows: { reason: string }[] }>(
        'select reason from flagged_accounts where address = ?',
        [address],
      );
      const disputes = await trx.raw<{ rows: AccountReport['disputes'] }>(
        'select id, state, winc::text from disputes where address = ? order by opened_at',
        [address],
      );
      return {
        address,
        balances: Object.fromEntries(balances.rows.map(({ kind, balance }) => [kind, balance])),
        flagged: flags.rows[0]?.reason ?? null,
        transfers: await transfersOf(trx, address),
        disputes: disputes.rows,
      };
    });
  }

  /** Gives credits, once for each reference. False when that was done before. */
  grant(admin: string, { address, reason, reference, winc }: GrantRequest): Promise<boolean> {
    return transact(this.#db, async (trx) => {
      const isNew = await creditOnce(trx, address, BigInt(winc), GRANTS, reference);
      await note(trx, admin, 'grant', address, { winc, reference, reason, isNew });
      return isNew;
    });
  }

  /** Has cards taken for an address again. False for one that is not flagged. */
  unflag(admin: string, address: string): Promise<boolean> {
    return this.#db.transaction(async (trx) => {
      const { rowCount } = await trx.raw('delete from flagged_accounts where address = ?', [address]);
      await note(trx, admin, 'unflag', address, { wasFlagged: rowCount > 0 });
      return rowCount > 0;
    });
  }

  /** Adds a promo code. False when there is one of that name. */
  addPromoCode(admin: string, promo: PromoCode): Promise<boolean> {
    return this.#db.transaction(async (trx) => {
      const { code, percent, amount, currency, minAmount, startsAt, endsAt, maxUses } = promo;
      const { rowCount } = await trx.raw(
        `insert into promo_codes (code, percent, amount, currency, min_amount, starts_at, ends_at, max_uses,
           new_users_only, once_per_address) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
        [
          code,
          percent,
          amount,
          currency,
          minAmount,
          startsAt,
          endsAt,
          maxUses,
          promo.newUsersOnly,
          promo.oncePerAddress,
        ] as never,
      );
      await note(trx, admin, 'promo-code', code, { ...promo, isNew: rowCount > 0 });
      return rowCount > 0;
    });
  }

  /** Payments by x402 of which nobody knows whether they were carried out, oldest first. */
  unclearX402(admin: string): Promise<UnclearX402['payments']> {
    return this.#db.transaction(async (trx) => {
      await note(trx, admin, 'x402-unclear', 'all', {});
      return listUnclearX402(trx, SHOWN);
    });
  }

  /** Ends one of them as somebody has found it on its chain, once. Undefined for one that there is not. */
  settleX402(admin: string, id: string, finding: Finding): Promise<JudgedX402 | undefined> {
    return transact(this.#db, async (trx) => {
      const settled = await settleX402(trx, id, finding);
      const { beneficiary, reason, worth } = settled?.row ?? {};
      await note(trx, admin, 'x402-settle', id, {
        ...finding,
        ...(settled?.judged ?? { verdict: 'unknown payment' }),
        beneficiary,
        winc: worth,
        reason,
      });
      return settled;
    });
  }
}

async function note(trx: Knex, admin: string, action: PaymentActName, subject: string, details: object): Promise<void> {
  await trx.raw('insert into admin_acts (admin, action, subject, details) values (?, ?, ?, ?)', [
    admin,
    action,
    subject,
    JSON.stringify(details),
  ]);
}

async function transfersOf(trx: Knex, address: string): Promise<AccountReport['transfers']> {
  const { rows } = await trx.raw<{ rows: (Omit<AccountReport['transfers'][number], 'at'> & { at: Date })[] }>(
    `select t.made_at as at, t.reason, t.reference, t.amount::text as winc,
       d.kind || ':' || d.owner as "from", c.kind || ':' || c.owner as "to"
     from transfers t join accounts d on d.id = t.debited join accounts c on c.id = t.credited
     where d.owner = ? or c.owner = ? order by t.id desc limit ?`,
    [address, address, SHOWN],
  );
  return rows.map(({ at, ...about }) => ({ at: at.toISOString(), ...about }));
}
