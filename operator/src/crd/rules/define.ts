/** What the API server checks in place of one rule of the contract; several where each points to a field of its own. */
export interface CelRule {
  readonly rule: string;
  /** With numbers; without it the API server says what the contract's rule says. */
  readonly messageExpression?: string;
  readonly fieldPath?: string;
}
