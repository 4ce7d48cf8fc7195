import type { X402Row } from '../store/x402-payments.ts';

/** What somebody has found on its chain about a payment by x402. */
export type Finding = { readonly carriedOut: true; readonly transaction: string } | { readonly carriedOut: false };

/** What a finding is: news, known already, or not what is known. */
export type FindingVerdict =
  | { readonly verdict: 'new' }
  | { readonly verdict: 'known' }
  | { readonly verdict: 'contradiction'; readonly why: string };

/** Decides what becomes of a finding. Only what nobody knows can be settled by hand, and what has ended stays as it is. */
export function judgeFinding(
  { state, transaction }: Pick<X402Row, 'state' | 'transaction'>,
  finding: Finding,
): FindingVerdict {
  if (state === 'unclear') return { verdict: 'new' };
  if (state === 'settling') return contradiction('the service is still asking whether it was carried out.');
  if (state === 'refused')
    return finding.carriedOut ? contradiction('it has ended as not carried out.') : { verdict: 'known' };
  const isSame = finding.carriedOut && finding.transaction.toLowerCase() === transaction?.toLowerCase();
  return isSame ? { verdict: 'known' } : contradiction(`it was credited for the transaction ${transaction}.`);
}

/** A payment whose transaction has brought credits as another one. */
export const usedTransaction = (transaction: string): FindingVerdict =>
  contradiction(`the transaction ${transaction} has brought credits before.`);

const contradiction = (why: string): FindingVerdict => ({ verdict: 'contradiction', why });
