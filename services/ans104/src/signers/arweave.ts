import { constants, createPrivateKey, generateKeyPair, type JsonWebKey, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Signer } from './types.ts';

/** The private RSA key of an Arweave wallet, as its JSON file holds it. */
export interface ArweaveJwk {
  kty: 'RSA';
  n: string;
  e: string;
  d: string;
  p: string;
  q: string;
  dp: string;
  dq: string;
  qi: string;
}

const signAsync = promisify(sign);
const generateKeyPairAsync = promisify(generateKeyPair);
const MODULUS_BITS = 4096;

/**
 * Signs as an Arweave wallet: type 1, with a salt of 32 bytes as the browser wallets take. The key is parsed once, and
 * signing runs on Node's thread pool.
 *
 * @throws Error for a key that is not RSA-4096
 */
export function arweaveSigner(jwk: ArweaveJwk): Signer {
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== MODULUS_BITS) throw new Error(`the wallet's key has ${bits} bits; Arweave's keys have ${MODULUS_BITS}`);
  const options = {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
  return {
    signatureType: 1,
    owner: Buffer.from(jwk.n, 'base64url'),
    sign: (message) => signAsync('sha256', message, options),
  };
}

/** Makes a new Arweave wallet. Takes a few seconds of one core, on Node's thread pool. */
export async function generateJwk(): Promise<ArweaveJwk> {
  const { privateKey } = await generateKeyPairAsync('rsa', { modulusLength: MODULUS_BITS, publicExponent: 0x10001 });
  const { n, e, d, p, q, dp, dq, qi } = privateKey.export({ format: 'jwk' }) as Required<JsonWebKey>;
  return { kty: 'RSA', n, e, d, p, q, dp, dq, qi };
}
