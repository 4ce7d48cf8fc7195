import type { Wallet } from '@bundler/adapters';
import { type Signer, unsaltedPssSigner } from '@bundler/ans104';

const ARWEAVE = 1;

/**
 * Signs unsigned uploads as an Arweave wallet. The salt is empty, so that the same data with the same tags is the same item
 * however often it is sent, and has the same receipt. One signature is made at a time: the thread pool is for receipts.
 */
export function rawSigner(wallet: Wallet): Signer {
  const signUnsalted = unsaltedPssSigner(wallet.privateKey);
  let last: Promise<unknown> = Promise.resolve();
  return {
    signatureType: ARWEAVE,
    owner: Buffer.from(wallet.publicKey, 'base64url'),
    sign: (message) => {
      const signature = last.then(() => signUnsalted(message));
      last = signature.catch(() => undefined);
      return signature;
    },
  };
}
