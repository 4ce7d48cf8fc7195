import { createHash } from 'node:crypto';
import { type ArweaveJwk, arweaveSigner, generateJwk, type Signer } from '@bundler/ans104';

let wallet: Promise<ArweaveJwk> | undefined;

/** A wallet for the whole test file: making one takes a second. */
export function testWallet(): Promise<ArweaveJwk> {
  wallet ??= generateJwk();
  return wallet;
}

/** An Arweave signer for tests. */
export async function testSigner(): Promise<Signer> {
  return arweaveSigner(await testWallet());
}

/** The Arweave address of a wallet. */
export function addressOf(jwk: ArweaveJwk): string {
  return createHash('sha256').update(jwk.n, 'base64url').digest('base64url');
}
