import { injectedAptos, multiAptos } from './aptos.ts';
import { arweave } from './arweave.ts';
import { ed25519, solana } from './ed25519.ts';
import { ethereum, kyve, typedEthereum } from './ethereum.ts';
import type { SignatureType, SignatureTypeId } from './types.ts';

/** The signature types by their number on the wire. */
export const signatureTypes: Readonly<Record<SignatureTypeId, SignatureType>> = {
  1: arweave,
  2: ed25519,
  3: ethereum,
  4: solana,
  5: injectedAptos,
  6: multiAptos,
  7: typedEthereum,
  101: kyve,
};

/** Whether a number read from the wire is a signature type we know. */
export function isSignatureTypeId(value: number): value is SignatureTypeId {
  return Object.hasOwn(signatureTypes, value);
}
