import { createPublicKey } from 'node:crypto';
import { base58 } from '@scure/base';
import { PublicKeyCache } from './public-key-cache.ts';
import type { SignatureType } from './types.ts';
import { verifyNative } from './verify-native.ts';

const CACHED_KEYS = 4096;

const keys = new PublicKeyCache(
  (owner) => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: owner.toString('base64url') }, format: 'jwk' }),
  CACHED_KEYS,
);

/** Bytes of an Ed25519 public key and of a signature. */
export const ED25519_KEY_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

/** Checks one plain Ed25519 signature (RFC 8032) off the event loop. */
export function verifyEd25519(message: Uint8Array, signature: Uint8Array, owner: Uint8Array): Promise<boolean> {
  return verifyNative(null, keys, { message, signature, owner });
}

/** Solana's wallets sign text, so the message of type 4 is the deep hash in lower-case hex. */
export function solanaMessage(message: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(message).toString('hex'));
}

/** Type 2: Ed25519 over the deep hash itself. */
export const ed25519: SignatureType = {
  name: 'ed25519',
  signatureLength: ED25519_SIGNATURE_BYTES,
  ownerLength: ED25519_KEY_BYTES,
  verify: verifyEd25519,
  nativeAddress: (owner) => base58.encode(owner),
};

/** Type 4: Ed25519 over the hex text of the deep hash. */
export const solana: SignatureType = {
  ...ed25519,
  name: 'solana',
  verify: (message, signature, owner) => verifyEd25519(solanaMessage(message), signature, owner),
};
