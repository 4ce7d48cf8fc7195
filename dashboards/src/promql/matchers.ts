/** What a label's value must be: a plain text is what it must equal. */
export type Matcher = string | { readonly operator: '=~' | '!=' | '!~'; readonly value: string };

/** The value matches all of the expression, as Prometheus anchors it. */
export const matches = (value: string): Matcher => ({ operator: '=~', value });
export const isNot = (value: string): Matcher => ({ operator: '!=', value });
export const matchesNot = (value: string): Matcher => ({ operator: '!~', value });
/** One of these values, none of which may mean anything in a regular expression. */
export const oneOf = (values: readonly string[]): Matcher => matches(values.join('|'));

/**
 * The upper bound of a histogram's bucket. Prometheus 3 stores whole bounds as `1.0`, Prometheus 2 as `1`, and what
 * does not match answers nothing without a word: both are matched.
 */
export function atMost(bound: number): Matcher {
  const text = String(bound);
  return Number.isInteger(bound) ? matches(`${text}(\\.0)?`) : text;
}

/** The selector's part in braces; nothing when nothing is asked. */
export function braces(matchers: Readonly<Record<string, Matcher | undefined>>): string {
  const parts = Object.entries(matchers).flatMap(([label, matcher]) => {
    if (matcher === undefined) return [];
    const { operator, value } = typeof matcher === 'string' ? { operator: '=', value: matcher } : matcher;
    return [`${label}${operator}${JSON.stringify(value)}`];
  });
  return parts.length === 0 ? '' : `{${parts.join(', ')}}`;
}
