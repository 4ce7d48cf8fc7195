import type { IncomingHttpHeaders } from 'node:http';
import { type SignatureType, signatureTypes, verifyPersonal } from '@bundler/ans104';
import { ApiError } from '@bundler/contract';
import type { Nonces } from '../store/nonces.ts';

/** Who has signed a request. */
export interface Signer {
  /** In the form of their own chain. */
  readonly address: string;
  readonly publicKey: Buffer;
  readonly nonce: string;
}

const { 1: arweave, 2: ed25519, 3: ethereum, 4: solana } = signatureTypes;
type Scheme = Pick<SignatureType, 'ownerLength' | 'signatureLength' | 'verify' | 'nativeAddress'>;

/** Schemes by the number that clients say. */
const schemes: Readonly<Record<string, Scheme>> = {
  1: arweave,
  2: ed25519,
  // Here, and not in the thread that checks data items: that one takes nothing but their hashes.
  3: { ...ethereum, verify: async (message, signature, owner) => verifyPersonal(message, signature, owner) },
  // Wallets sign the bytes as they are, the signers of data items their text in hex.
  4: {
    ...solana,
    verify: async (message, signature, owner) =>
      (await ed25519.verify(message, signature, owner)) || solana.verify(message, signature, owner),
  },
};
const NONCE = /^[\x21-\x7e]{16,128}$/;

/**
 * Reads who has signed a request: the nonce, after what else the request is about, by one of four schemes. A nonce
 * counts once.
 *
 * @returns undefined for a request without a signature
 * @throws ApiError `bad_signature`
 */
export async function signerOf(
  headers: IncomingHttpHeaders,
  nonces: Pick<Nonces, 'use'>,
  about = '',
): Promise<Signer | undefined> {
  const [key, nonce, signature] = ['x-public-key', 'x-nonce', 'x-signature'].map((name) => headers[name]);
  if (key === undefined && signature === undefined) return undefined;
  if (typeof key !== 'string' || typeof nonce !== 'string' || typeof signature !== 'string') throw bad();
  const scheme = schemes[String(headers['x-signature-type'] ?? 1)];
  if (!scheme || !NONCE.test(nonce)) throw bad();
  const [publicKey, signed] = [Buffer.from(key, 'base64url'), Buffer.from(signature, 'base64url')];
  if (publicKey.length !== scheme.ownerLength || signed.length !== scheme.signatureLength) throw bad();
  if (!(await scheme.verify(Buffer.from(about + nonce), signed, publicKey))) throw bad();
  if (!(await nonces.use(publicKey, nonce))) throw bad('Its nonce was used before.');
  return { address: scheme.nativeAddress(publicKey), publicKey, nonce };
}

const bad = (detail?: string): ApiError => new ApiError('bad_signature', detail === undefined ? {} : { detail });
