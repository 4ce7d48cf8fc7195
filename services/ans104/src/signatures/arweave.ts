import { normalizedAddress } from '../address.ts';
import { PublicKeyCache } from './public-key-cache.ts';
import { pssPublicKey } from './rsa-pss-keys.ts';
import type { SignatureType } from './types.ts';
import { verifyNative } from './verify-native.ts';

/** About 5 KB each with OpenSSL's precomputed values: 5 MB at most. */
const CACHED_KEYS = 1024;

/** Wallets differ in their salt: 32 bytes, none, or the longest. */
const keys = new PublicKeyCache(pssPublicKey, CACHED_KEYS);

/** Type 1: RSA-4096-PSS with SHA-256; the owner is the modulus, the exponent is 65537. */
export const arweave: SignatureType = {
  name: 'arweave',
  signatureLength: 512,
  ownerLength: 512,
  verify: (message, signature, owner) => verifyNative('sha256', keys, { message, signature, owner }),
  nativeAddress: normalizedAddress,
};
