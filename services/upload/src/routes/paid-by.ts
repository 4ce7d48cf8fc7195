import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, MAX_PAYERS } from '@bundler/contract';

/** An address of any chain, or at least nothing else that breaks what it is put into. */
const ADDRESS = /^[A-Za-z0-9_-]{1,100}$/;

/**
 * Who is to pay before the signer does, in this order: `x-paid-by`, addresses with commas between them.
 *
 * @throws ApiError `invalid_request` for what can be no such list
 */
export function paidByIn({ 'x-paid-by': header }: IncomingHttpHeaders): string[] {
  const named = String(header ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  const payers = [...new Set(named)];
  if (payers.length <= MAX_PAYERS && payers.every((address) => ADDRESS.test(address))) return payers;
  throw new ApiError('invalid_request', { detail: `x-paid-by must be up to ${MAX_PAYERS} addresses.` });
}
