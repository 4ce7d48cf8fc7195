import type { X402NetworkName, X402Requirements } from '@bundler/contract';
import { x402Networks } from './networks.ts';

const MiB = 1024 ** 2;
/** For how long a payer's signature has to be good, by how long the upload may take, seconds. */
const TIMEOUTS = [
  { upTo: 100 * MiB, seconds: 300 },
  { upTo: 1024 * MiB, seconds: 1800 },
  { upTo: Number.POSITIVE_INFINITY, seconds: 3600 },
];
/** Rates move between a quote and its payment: so much more is asked for, in percent. What is left over stays the payer's. */
const MARGIN = 5n;

/** What is asked for on a network. @param amount in the smallest unit of USDC */
export function requirementsOn(
  network: X402NetworkName,
  payTo: string,
  amount: bigint,
  byteCount: number,
): X402Requirements {
  const { asset, name, version } = x402Networks[network];
  return {
    scheme: 'exact',
    network,
    maxAmountRequired: String(amount),
    payTo,
    maxTimeoutSeconds: TIMEOUTS.find(({ upTo }) => byteCount <= upTo)!.seconds,
    asset,
    extra: { name, version },
  };
}

/** The price that is quoted for one that is computed. */
export const withMargin = (winc: bigint): bigint => winc + (winc * MARGIN + 99n) / 100n;

/**
 * The least quantity that is worth so much. Fees are taken off in the worth, so the way back is searched for.
 *
 * @param worth never falls while the quantity grows
 * @returns undefined when no quantity up to `most` is worth it
 */
export function leastQuantity(winc: bigint, worth: (quantity: bigint) => bigint, most: bigint): bigint | undefined {
  if (worth(most) < winc) return undefined;
  let [low, high] = [0n, most];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (worth(middle) >= winc) high = middle;
    else low = middle + 1n;
  }
  return low;
}
