import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { aptosMessage } from '../signatures/aptos.ts';
import { ED25519_KEY_BYTES, solanaMessage } from '../signatures/ed25519.ts';
import type { Signer } from './types.ts';

const signAsync = promisify(sign);

/** The DER around a private Ed25519 key (RFC 8410): Node reads no bare seed, and a JWK wants the public half too. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Signs the deep hash itself: type 2. Takes the 32-byte seed. */
export function ed25519Signer(seed: Uint8Array): Signer {
  return createSigner(2, seed, (message) => message);
}

/** Signs the hex text of the deep hash: type 4. Takes the 32-byte seed, or the 64 bytes of seed and public key Solana's wallets keep. */
export function solanaSigner(secretKey: Uint8Array): Signer {
  const seed = secretKey.length === 2 * ED25519_KEY_BYTES ? secretKey.subarray(0, ED25519_KEY_BYTES) : secretKey;
  return createSigner(4, seed, solanaMessage);
}

/** Signs the text an Aptos wallet makes of the deep hash: type 5. Takes the 32-byte seed. */
export function aptosSigner(seed: Uint8Array): Signer {
  return createSigner(5, seed, aptosMessage);
}

function createSigner(signatureType: 2 | 4 | 5, seed: Uint8Array, wrap: (message: Uint8Array) => Uint8Array): Signer {
  const key = readSeed(seed);
  return {
    signatureType,
    owner: publicBytes(key),
    sign: (message) => signAsync(null, wrap(message), key),
  };
}

function readSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== ED25519_KEY_BYTES) {
    throw new Error(`an Ed25519 seed of ${seed.length} bytes; it must have ${ED25519_KEY_BYTES}`);
  }
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

function publicBytes(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-ED25519_KEY_BYTES);
}
