import { type Decimal, times } from './decimal.ts';

/** A fee or a discount, as it stands in the database. */
export interface Adjustment {
  readonly name: string;
  readonly description: string;
  readonly operator: 'multiply' | 'add';
  readonly magnitude: Decimal;
  /** The magnitude as people wrote it. */
  readonly shown: string;
}

/** An adjustment, and what it has changed, in winc. */
export interface Adjusted extends Adjustment {
  readonly change: bigint;
}

/** Applies adjustments one after another. An amount never falls below zero. */
export function adjust(
  amount: bigint,
  adjustments: readonly Adjustment[],
): { readonly amount: bigint; readonly applied: readonly Adjusted[] } {
  let current = amount;
  const applied = adjustments.map((adjustment) => {
    const { magnitude, operator } = adjustment;
    const wanted = operator === 'multiply' ? times(current, magnitude) : current + times(1n, magnitude);
    const next = wanted > 0n ? wanted : 0n;
    const change = next - current;
    current = next;
    return { ...adjustment, change };
  });
  return { amount: current, applied };
}
