import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWKInterface } from 'arweave/node/lib/wallet.js';

/** A key that exists for tests only: it is public, so nothing of value may ever be sent to it. */
export interface TestWallet {
  readonly jwk: JWKInterface;
  readonly address: string;
}

const [first, second] = JSON.parse(readFileSync(join(import.meta.dirname, 'test-only-wallets.json'), 'utf8')) as [
  JWKInterface,
  JWKInterface,
];

function walletOf(jwk: JWKInterface): TestWallet {
  return { jwk, address: createHash('sha256').update(Buffer.from(jwk.n, 'base64url')).digest('base64url') };
}

/** A wallet for tests. */
export const ann: TestWallet = walletOf(first);

/** Another wallet for tests. */
export const ben: TestWallet = walletOf(second);
