import type { Knex } from '@bundler/adapters';
import { ApiError } from '@bundler/contract';
import { type PromoCode, type PromoUse, promoFault } from '../ledger/promo-code.ts';

/** A payment that somebody wants to make with promo codes. */
export interface PromoPayment {
  readonly currency: string;
  readonly amount: number;
  /** Undefined for one who says no address: codes are for somebody. */
  readonly address: string | undefined;
}

/** How long after its end a quote may still be paid: a bank that asks its customer back takes minutes. Milliseconds. */
export const PAYMENT_GRACE_MS = 10 * 60_000;

const columns = `code, percent, amount, currency, min_amount as "minAmount", starts_at as "startsAt", ends_at as "endsAt",
  max_uses as "maxUses", new_users_only as "newUsersOnly", once_per_address as "oncePerAddress"`;

/** The promo codes: rows, so that whoever makes one changes no code. */
export class PromoCodes {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** As `usablePromos`, for a price that binds nobody. */
  async usable(codes: readonly string[], payment: PromoPayment): Promise<PromoCode[]> {
    return usablePromos(this.#db, codes, payment);
  }
}

/**
 * The codes of a payment, each once, in the order in which they were given. In a transaction with `lock` no other payment
 * can use them up until it ends.
 *
 * @throws ApiError for one that is not there or does not count here; nothing when no code was given
 */
export async function usablePromos(
  db: Knex,
  codes: readonly string[],
  payment: PromoPayment,
  lock: '' | 'for update' = '',
): Promise<PromoCode[]> {
  const wanted = [...new Set(codes)];
  if (wanted.length === 0) return [];
  // In one order, so that no two that lock the same codes wait for each other.
  const { rows } = await db.raw<{ rows: (PromoCode & { now: Date })[] }>(
    `select ${columns}, now() as now from promo_codes where code = any(?::text[]) order by code ${lock}`,
    [wanted as never],
  );
  const known = new Map(rows.map((row) => [row.code, row]));
  const missing = wanted.find((code) => !known.has(code));
  // The text is one that clients look for; a code that is longer than codes are is not repeated.
  if (missing !== undefined) throw new ApiError('no_promo_code', { detail: `'${missing.slice(0, 64)}'` });
  const { address } = payment;
  if (address === undefined) throw new ApiError('promo_code_refused', { detail: 'Say for which address it is.' });
  const uses = await usesOf(db, wanted, address);
  for (const code of wanted) {
    const { now, ...promo } = known.get(code)!;
    const fault = promoFault(promo, uses.get(code)!, payment, now);
    if (fault !== undefined) throw new ApiError('promo_code_refused', { detail: `'${code}' ${fault}.` });
  }
  return wanted.map((code) => known.get(code)!);
}

async function usesOf(db: Knex, codes: readonly string[], address: string): Promise<Map<string, PromoUse>> {
  // Whoever is given a price now may still pay it: until that is over, the code is theirs.
  const { rows } = await db.raw<{ rows: (PromoUse & { code: string })[] }>(
    `select wanted.code, count(q.id)::int as uses,
       (count(q.id) filter (where q.destination = ?))::int as "usesByAddress",
       not exists (select from accounts a where a.kind = 'available' and a.owner = ?) as "isNew"
     from unnest(?::text[]) as wanted(code) left join card_quotes q on q.promo_codes @> array[wanted.code]
       and (q.state = 'paid' or (q.state = 'open' and q.expires_at + ? * interval '1 millisecond' > now()))
     group by wanted.code`,
    [address, address, codes, PAYMENT_GRACE_MS] as never,
  );
  return new Map(rows.map(({ code, ...use }) => [code, use]));
}
