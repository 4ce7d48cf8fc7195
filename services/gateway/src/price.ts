const CHUNK = 262_144n;

/** Winston for one chunk and for the transaction itself: near the network's order of magnitude, easy to recompute. */
const WINSTON_PER_CHUNK = 104_857_600n;
const WINSTON_PER_TRANSACTION = 20_000_000n;

/** Winston that storing `bytes` costs. */
export type Price = (bytes: bigint) => bigint;

/** The price unless another is given: whole chunks, as the network charges, plus a constant. */
export function defaultPrice(bytes: bigint): bigint {
  return ((bytes + CHUNK - 1n) / CHUNK) * WINSTON_PER_CHUNK + WINSTON_PER_TRANSACTION;
}

/** `price` moved to `percent` of itself, rounded up. */
export function movedPrice(price: Price, percent: number): Price {
  return (bytes) => (price(bytes) * BigInt(percent) + 99n) / 100n;
}
