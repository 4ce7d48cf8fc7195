import { type Static, Type } from 'typebox';
import type { Adjusted } from '../ledger/adjust.ts';

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
