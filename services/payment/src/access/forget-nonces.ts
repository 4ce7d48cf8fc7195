import type { Nonces } from '../store/nonces.ts';

/**
 * How long a nonce is remembered, milliseconds. What is signed says no time, so that a request which somebody has overheard
 * is good again when its nonce is forgotten: long enough that the table stays small and nothing that was overheard is of use.
 */
export const NONCE_LIFE_MS = 90 * 86_400_000;
/** Rows that one statement deletes: none holds its locks for long. */
const BATCH = 5000;

/** Forgets nonces that were used long ago, a batch at a time. */
export async function forgetNonces(nonces: Pick<Nonces, 'forget'>, batch = BATCH): Promise<void> {
  while ((await nonces.forget(NONCE_LIFE_MS, batch)) === batch);
}
