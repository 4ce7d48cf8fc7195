/** The size whose price all others are computed from: large, so that what a transaction costs by itself hardly counts. */
export const REFERENCE_BYTES = 10 * 1024 ** 3;

/** The part of the price of `REFERENCE_BYTES` that falls to so many bytes, rounded up: never free, never cheaper for more. */
export function prorated(referencePrice: bigint, byteCount: number): bigint {
  const reference = BigInt(REFERENCE_BYTES);
  return (referencePrice * BigInt(byteCount) + reference - 1n) / reference;
}
