import { constants, createPublicKey } from 'node:crypto';
import { normalizedAddress } from '../address.ts';
import { PublicKeyCache } from './public-key-cache.ts';
import type { SignatureType } from './types.ts';
import { verifyNative } from './verify-native.ts';

/** About 5 KB each with OpenSSL's precomputed values: 5 MB at most. */
const CACHED_KEYS = 1024;

const keys = new PublicKeyCache(
  (owner) => createPublicKey({ key: { kty: 'RSA', n: owner.toString('base64url'), e: 'AQAB' }, format: 'jwk' }),
  CACHED_KEYS,
);

/** Wallets differ in their salt (32 bytes, none, the longest): OpenSSL finds its length in the signature. */
const options = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };

/** Type 1: RSA-4096-PSS with SHA-256; the owner is the modulus, the exponent is 65537. */
export const arweave: SignatureType = {
  name: 'arweave',
  signatureLength: 512,
  ownerLength: 512,
  verify: (message, signature, owner) => verifyNative('sha256', keys, options, { message, signature, owner }),
  nativeAddress: normalizedAddress,
};
