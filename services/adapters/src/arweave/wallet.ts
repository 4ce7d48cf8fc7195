import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** A JWK of an RSA-4096 wallet. */
export interface WalletJwk {
  readonly kty: string;
  readonly n: string;
  readonly e: string;
  readonly d?: string;
}

/** The key that signs receipts and bundles. */
export interface Wallet {
  /** base64url of the SHA-256 of the modulus. */
  readonly address: string;
  /** The modulus, base64url: Arweave's form of the public key. */
  readonly publicKey: string;
  /** Imported once: importing it at each signature costs 2 ms. */
  readonly privateKey: KeyObject;
}

/**
 * Reads the wallet's JWK file.
 *
 * @param variable the setting that names the file
 * @throws Error that names the file and what is wrong with it, never its content
 */
export async function loadWallet(path: string, variable = 'ARWEAVE_WALLET_FILE'): Promise<Wallet> {
  let jwk: WalletJwk;
  try {
    jwk = JSON.parse(await readFile(path, 'utf8')) as WalletJwk;
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message;
    throw new Error(`The wallet file ${path} cannot be read (${variable}): ${why}`);
  }
  if (jwk.kty !== 'RSA' || jwk.d === undefined || Buffer.from(jwk.n, 'base64url').length !== 512) {
    throw new Error(`The wallet file ${path} is not the JWK of an RSA-4096 private key (${variable})`);
  }
  return {
    address: createHash('sha256').update(jwk.n, 'base64url').digest('base64url'),
    publicKey: jwk.n,
    privateKey: createPrivateKey({ key: jwk as never, format: 'jwk' }),
  };
}
