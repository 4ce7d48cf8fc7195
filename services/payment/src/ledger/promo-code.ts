/** A promo code, as it stands in the database. Amounts are in the smallest unit of its currency. */
export interface PromoCode {
  readonly code: string;
  /** Taken off a payment: so many percent of it, or so much. */
  readonly percent: number | null;
  readonly amount: number | null;
  /** The only currency it is for; null for all. */
  readonly currency: string | null;
  readonly minAmount: number | null;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly maxUses: number | null;
  readonly newUsersOnly: boolean;
  readonly oncePerAddress: boolean;
}

/** What was done with a code so far, and who wants to use it. */
export interface PromoUse {
  /** Payments with it, those among them that may still come. */
  readonly uses: number;
  readonly usesByAddress: number;
  /** Whether that address never had credits. */
  readonly isNew: boolean;
}

/** Why a code takes nothing off, in words that follow its name. */
export function promoFault(
  promo: PromoCode,
  use: PromoUse,
  payment: { readonly currency: string; readonly amount: number },
  now: Date,
): string | undefined {
  if (now < promo.startsAt) return 'does not count yet';
  if (promo.endsAt && now >= promo.endsAt) return 'has ended';
  if (promo.currency !== null && promo.currency !== payment.currency) return `is for payments in ${promo.currency}`;
  if (promo.minAmount !== null && payment.amount < promo.minAmount)
    return `is for payments of ${promo.minAmount} or more`;
  if (promo.maxUses !== null && use.uses >= promo.maxUses) return 'is used up';
  if (promo.newUsersOnly && !use.isNew) return 'is for those who have no credits yet';
  if (promo.oncePerAddress && use.usesByAddress > 0) return 'was used by this address before';
  return undefined;
}

/** A code, and what it has changed of a payment, in the smallest unit of the currency. */
export interface Discount {
  readonly promo: PromoCode;
  readonly change: number;
}

/** What is left to be paid after codes, one after another; never less than `least`, below which no card can be charged. */
export function discounted(
  amount: number,
  promos: readonly PromoCode[],
  least: number,
): { readonly amount: number; readonly discounts: readonly Discount[] } {
  let current = amount;
  const discounts = promos.map((promo) => {
    const off = promo.percent === null ? promo.amount! : Math.floor((current * promo.percent) / 100);
    const next = Math.max(current - off, Math.min(current, least));
    const change = next - current;
    current = next;
    return { promo, change };
  });
  return { amount: current, discounts };
}
