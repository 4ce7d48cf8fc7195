import { normalAddress } from '../access/addresses.ts';

/** What a memo begins with that says who is to be credited. */
const MARK = 'turboCreditDestinationAddress=';

/** Whom a memo names to be credited. One that names nobody who could have a balance says nothing. */
export function beneficiaryIn(memo: string): string | undefined {
  return memo.startsWith(MARK) ? normalAddress(memo.slice(MARK.length).trim()) : undefined;
}
