import { MAX_EXPIRES_IN_SECONDS } from './api/payment.ts';
import { ApiError } from './errors.ts';

/** What the tags of a data item say about credits that its signer shares or takes back. */
type WantedSharing =
  | {
      readonly approves: string;
      /** Decimal text. */
      readonly winc: string;
      readonly expiresInSeconds: number | undefined;
    }
  | { readonly revokes: string };

const names = {
  approves: 'x-approve-payment',
  winc: 'x-amount',
  expires: 'x-expires-seconds',
  revokes: 'x-delete-payment-approval',
} as const;
const WINC = /^0*([1-9][0-9]{0,37})$/;
const SECONDS = /^[0-9]{1,10}$/;

interface Tag {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads what an item's tags say about shared credits; undefined when they say nothing.
 *
 * @throws ApiError `approval_refused` or `revocation_refused` when it cannot be what their writer wants
 */
export function creditSharingOf(tags: readonly Tag[]): WantedSharing | undefined {
  const valuesOf = (name: string): string[] => tags.filter((tag) => tag.name === name).map(({ value }) => value);
  const [approves, revokes] = [valuesOf(names.approves), valuesOf(names.revokes)];
  if (approves.length === 0) {
    if (revokes.length > 1) throw new ApiError('revocation_refused', { detail: 'More than one is named.' });
    return revokes[0] === undefined ? undefined : { revokes: revokes[0] };
  }
  const [amounts, times] = [valuesOf(names.winc), valuesOf(names.expires)];
  if (revokes.length > 0) throw refused('the same item takes credits back');
  if (approves.length > 1 || amounts.length > 1 || times.length > 1) throw refused('a tag is there more than once');
  const winc = WINC.exec(amounts[0] ?? '')?.[1];
  if (winc === undefined) throw refused(`${names.winc} must be a whole number of winc above zero`);
  return { approves: approves[0]!, winc, expiresInSeconds: times[0] === undefined ? undefined : secondsIn(times[0]) };
}

function secondsIn(text: string): number {
  const seconds = SECONDS.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_EXPIRES_IN_SECONDS) return seconds;
  throw refused(`${names.expires} must be a whole number from 1 to ${MAX_EXPIRES_IN_SECONDS}`);
}

const refused = (detail: string): ApiError => new ApiError('approval_refused', { detail });
