import type { Range } from './kinds.ts';

/** One validation of a leaf of a structural schema: what the API server checks in CEL because JSON schema cannot. */
interface CelValidation {
  readonly rule: string;
  /** Follows the field's name. */
  readonly message: string;
}

/** A leaf's validations, under their key in a schema. */
export const validations = (...rules: readonly CelValidation[]) => ({ 'x-kubernetes-validations': rules });

/** A duration such as `1h30m` must be in the range, which is in milliseconds. */
export function durationWithin(range: Range, show: (milliseconds: number) => string): CelValidation {
  const above = range.min > 0 ? `duration(self) >= duration('${show(range.min)}') && ` : '';
  const rule = `${above}duration(self) <= duration('${show(range.max)}')`;
  return { rule, message: mustBe(range, show) };
}

/** A quantity, as text or as a plain number, must be in the range. */
export function quantityWithin(range: Range, show: (value: number) => string): CelValidation {
  const compared = (bound: number): string => `quantity(string(self)).compareTo(quantity('${show(bound)}'))`;
  return { rule: `${compared(range.min)} >= 0 && ${compared(range.max)} <= 0`, message: mustBe(range, show) };
}

const mustBe = ({ min, max }: Range, show: (value: number) => string): string =>
  `must be from ${show(min)} to ${show(max)}`;
