/** A payment, and the credits that it has bought. */
export interface Purchase {
  readonly winc: bigint;
  readonly paid: bigint;
}

/** What is known of the refunds of one payment. Sums and maxima: in which order it was told, and how often, is all the same. */
export interface ToldRefunds {
  /** The most that all refunds together have been told to be. It comes down when one fails, but nobody tells so. */
  readonly total: bigint;
  /** Sum of those that were told of by themselves and have not failed. */
  readonly made: bigint;
  /** Sum of those that have failed. */
  readonly failed: bigint;
}

/** How much of a payment has gone back to its payer. Each of the two ways in which it is told may leave out a part. */
export function refundedOf({ failed, made, total }: ToldRefunds): bigint {
  return larger(made, larger(total - failed, 0n));
}

/**
 * The credits that are to be taken for each of some parts of a payment: what a part had bought, rounded up. The first come
 * first: together they take no more than the whole had bought.
 */
export function duesFor({ paid, winc }: Purchase, parts: readonly bigint[]): bigint[] {
  let left = winc;
  return parts.map((part) => {
    const bought = part >= paid ? winc : (winc * part + paid - 1n) / paid;
    const due = smaller(bought, left);
    left -= due;
    return due;
  });
}

/** Where credits that are taken back come from: what is there, and a debt for what was spent. No balance goes below zero. */
export function planTaking(winc: bigint, available: bigint): { readonly taken: bigint; readonly owed: bigint } {
  const taken = smaller(available, winc);
  return { taken, owed: winc - taken };
}

/**
 * Where they go when they are given back: first to what is owed, the rest to whom they were taken from.
 *
 * @param debt balance of the account of debts: zero or less
 */
export function planReturn(winc: bigint, debt: bigint): { readonly repaid: bigint; readonly returned: bigint } {
  const repaid = smaller(winc, -debt);
  return { repaid, returned: winc - repaid };
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
