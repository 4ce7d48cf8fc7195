import { type KeyObject, verify } from 'node:crypto';
import { endOfTurn } from './end-of-turn.ts';
import type { PublicKeyCache } from './public-key-cache.ts';

/**
 * Checks a signature on the thread pool of Node; a key or signature OpenSSL cannot even read is not valid.
 *
 * @param algorithm the digest, or `null` where the scheme has its own
 */
export async function verifyNative(
  algorithm: string | null,
  keys: PublicKeyCache,
  { message, signature, owner }: { message: Uint8Array; signature: Uint8Array; owner: Uint8Array },
): Promise<boolean> {
  const key = readKey(keys, owner);
  if (key === undefined) return false;
  await endOfTurn();
  return new Promise((resolve) => {
    verify(algorithm, message, key, signature, (error, valid) => resolve(error === null && valid));
  });
}

function readKey(keys: PublicKeyCache, owner: Uint8Array): KeyObject | undefined {
  try {
    return keys.get(owner);
  } catch {
    return undefined;
  }
}
