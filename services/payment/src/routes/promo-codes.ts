import { Type } from 'typebox';

/** Promo codes in a query: one list, or named several times. */
export const PromoCodeParam = Type.Union([
  Type.String({ maxLength: 700 }),
  Type.Array(Type.String({ maxLength: 100 }), { maxItems: 10 }),
]);

/** The codes of such a query. */
export function promoCodesIn(given: string | readonly string[] | undefined): string[] {
  return [given ?? []]
    .flat()
    .flatMap((text) => text.split(','))
    .map((code) => code.trim())
    .filter((code) => code !== '');
}
