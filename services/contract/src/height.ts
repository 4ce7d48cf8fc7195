/** Arweave's block time, milliseconds. */
const BLOCK_MS = 120_000;

/** The chain's height now, if blocks kept coming since it was last seen. Times are Unix milliseconds. */
export function heightAt(seen: { readonly height: number; readonly observedAt: number }, now: number): number {
  return seen.height + Math.max(0, Math.floor((now - seen.observedAt) / BLOCK_MS));
}
