import { ApiError } from '@bundler/contract';
import { type Static, Type } from 'typebox';
import type { Adjusted } from '../ledger/adjust.ts';
import type { Discount } from '../ledger/promo-code.ts';

/** An amount of winc: decimal text, because it may exceed what a number of JavaScript holds. */
export const Winc = Type.String({ pattern: '^[0-9]{1,38}$', description: 'Winston credits.' });

/** A fee or a discount in an answer. */
export const AdjustmentAnswer = Type.Object({
  name: Type.String(),
  description: Type.String(),
  operator: Type.Enum(['multiply', 'add'], { type: 'string' }),
  operatorMagnitude: Type.Number(),
  adjustmentAmount: Type.String({ description: 'What it has changed, winc.' }),
});

export function adjustmentsIn(applied: readonly Adjusted[]): Static<typeof AdjustmentAnswer>[] {
  return applied.map(({ change, description, name, operator, shown }) => ({
    name,
    description,
    operator,
    operatorMagnitude: Number(shown),
    adjustmentAmount: String(change),
  }));
}

/** What a promo code has changed of a payment. */
export const DiscountAnswer = Type.Object({
  name: Type.String(),
  description: Type.String(),
  operator: Type.Enum(['multiply', 'add'], { type: 'string' }),
  operatorMagnitude: Type.Number(),
  adjustmentAmount: Type.Number({ description: 'What it has changed, in the smallest unit of the currency.' }),
  currencyType: Type.String(),
  promoCode: Type.String(),
});

export function discountsIn(discounts: readonly Discount[], currency: string): Static<typeof DiscountAnswer>[] {
  return discounts.map(({ change, promo }) => ({
    name: `Promo code ${promo.code}`,
    description: promo.percent === null ? 'An amount off the payment' : `${promo.percent} % off the payment`,
    operator: promo.percent === null ? 'add' : 'multiply',
    operatorMagnitude: promo.percent === null ? -promo.amount! : (100 - promo.percent) / 100,
    adjustmentAmount: change,
    currencyType: currency,
    promoCode: promo.code,
  }));
}

/** @throws ApiError for anything else than a whole number that a number of JavaScript can hold */
export function wholeNumber(text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new ApiError('invalid_request', { detail: `Give a whole number up to ${Number.MAX_SAFE_INTEGER}.` });
  }
  return value;
}
