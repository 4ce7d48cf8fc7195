import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** The wallet of the test file, where a process can read it. */
export async function testWalletFile(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'bundler-wallet-'));
  const path = join(directory, 'wallet.json');
  await writeFile(path, JSON.stringify(await testWallet()));
  return { path, remove: () => rm(directory, { recursive: true, force: true }) };
}
