import { createHash, generateKeyPair } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ArweaveJwk } from '@bundler/client';

export interface Wallet {
  readonly jwk: ArweaveJwk;
  /** base64url of the SHA-256 of the modulus, as Arweave names an owner. */
  readonly address: string;
}

/** The wallet in a file, made on first use: an RSA-4096 key as Arweave's JWK, readable by its owner only. */
export async function openWallet(path: string): Promise<Wallet> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return createKeyFile(path);
    throw error;
  });
  const jwk = JSON.parse(text) as ArweaveJwk;
  const address = createHash('sha256').update(Buffer.from(jwk.n, 'base64url')).digest('base64url');
  return { jwk, address };
}

async function createKeyFile(path: string): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 4096, publicExponent: 0x10001 });
  const text = JSON.stringify(privateKey.export({ format: 'jwk' }));
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return text;
}
