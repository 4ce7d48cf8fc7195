import type { Range } from './kinds.ts';

/** One validation of a structural schema: what the API server checks in CEL because JSON schema cannot say it. */
export interface CelValidation {
  readonly rule: string;
  /** The whole text that the API server answers with. */
  readonly message?: string;
  /** The same with numbers; `'…'.format([…])`, because the cost of joining texts by `+` is overestimated. */
  readonly messageExpression?: string;
  /** Which field it is about, below the one that carries the validation: `.database.pool.min`. */
  readonly fieldPath?: string;
}

/** A leaf's validations, under their key in a schema. */
export const validations = (...rules: readonly CelValidation[]) => ({ 'x-kubernetes-validations': rules });

/** The value of a leaf that is a duration such as `1h30m`. */
const asDuration = { value: 'duration(self)', bound: (text: string) => `duration('${text}')` };
/** The value of a leaf that is a quantity, as text or as a plain number. */
const asQuantity = { value: 'quantity(string(self))', bound: (text: string) => `quantity('${text}')` };

/** A duration must be in the range, which is in milliseconds. */
export function durationWithin(range: Range, show: (milliseconds: number) => string): CelValidation {
  const { value, bound } = asDuration;
  const above = range.min > 0 ? `${value} >= ${bound(show(range.min))} && ` : '';
  return refused(`${above}${value} <= ${bound(show(range.max))}`, range, show, 'self');
}

/** A quantity must be in the range. */
export function quantityWithin(range: Range, show: (value: number) => string): CelValidation {
  const { value, bound } = asQuantity;
  const compare = (operator: string, text: string) => `${value}.compareTo(${bound(text)}) ${operator} 0`;
  return refused(`${compare('>=', show(range.min))} && ${compare('<=', show(range.max))}`, range, show, 'string(self)');
}

function refused(rule: string, range: Range, show: (value: number) => string, self: string): CelValidation {
  const words = `must be from ${show(range.min)} to ${show(range.max)}, but is %s`;
  return { rule, messageExpression: `'${words}'.format([${self}])` };
}
