/** What one item costs, who has signed it, and who is to pay before them. */
export interface Charge {
  readonly item: string;
  readonly signer: string;
  readonly winc: bigint;
  readonly paidBy: readonly string[];
}

/** One thing that somebody asks of the ledger. */
export type Operation =
  | { readonly kind: 'credit'; readonly to: string; readonly winc: bigint; readonly reference: string }
  | { readonly kind: 'reserve'; readonly charges: readonly Charge[] }
  | { readonly kind: 'capture' | 'release' | 'refund'; readonly items: readonly string[] }
  | { readonly kind: 'captureLate'; readonly items: readonly string[] }
  | {
      readonly kind: 'approve';
      readonly id: string;
      readonly payer: string;
      readonly approved: string;
      readonly winc: bigint;
      readonly expiresInSeconds: number | undefined;
    }
  | { readonly kind: 'revoke'; readonly id: string; readonly payer: string; readonly approved: string }
  | { readonly kind: 'expire' };

/** Where the connection of an operation's first try is cut: at so many pieces of what it sends, before the server gets it or after. */
export interface Cut {
  readonly atPiece: number;
  readonly lost: 'request' | 'answer';
}

/** What came of an operation, as text; undefined for a try that got no answer, which may have taken effect or not. */
export type Outcome = string | undefined;

/** An operation, and what came of each try of it. */
export interface Tried {
  readonly operation: Operation;
  readonly outcomes: readonly Outcome[];
}

/** Sorted, so that it does not matter in which order something is told. */
export const told = (lines: readonly string[]): string => lines.toSorted().join(' ');
