import { hash } from 'node:crypto';
import { bech32 } from '@scure/base';
import { normalizedAddress } from '../address.ts';
import { checksumAddress, ethereumAddress } from './ethereum-address.ts';
import { TYPED_OWNER_BYTES } from './ethereum-message.ts';
import { SECP256K1_KEY_BYTES, SECP256K1_SIGNATURE_BYTES } from './secp256k1.ts';
import { Secp256k1Thread } from './secp256k1-thread.ts';
import type { SignatureType } from './types.ts';

const SCALAR_BYTES = 32;

const thread = new Secp256k1Thread();

/** Ends the thread behind the checks of Ethereum's signatures, if one was started; a later check starts another. */
export function closeSignatureThread(): Promise<void> {
  return thread.close();
}

/** Type 3: a personal message (EIP-191) of the deep hash; the owner is the uncompressed public key. */
export const ethereum: SignatureType = {
  name: 'ethereum',
  signatureLength: SECP256K1_SIGNATURE_BYTES,
  ownerLength: SECP256K1_KEY_BYTES,
  verify: (message, signature, owner) => thread.verify({ message, signature, owner }),
  nativeAddress: (owner) => checksumAddress(ethereumAddress(owner)),
};

/** Type 7: typed data (EIP-712) with the deep hash; the owner is the address as ASCII text. */
export const typedEthereum: SignatureType = {
  ...ethereum,
  name: 'typedEthereum',
  ownerLength: TYPED_OWNER_BYTES,
  nativeAddress: normalizedAddress,
};

/** Type 101: signed like type 3, but the owner is known by an address of the Cosmos kind. */
export const kyve: SignatureType = { ...ethereum, name: 'kyve', nativeAddress: kyveAddress };

/** Bech32 of the RIPEMD-160 of the SHA-256 of the compressed public key. */
function kyveAddress(owner: Uint8Array): string {
  const parity = (owner[SECP256K1_KEY_BYTES - 1] ?? 0) & 1;
  const compressed = Buffer.concat([Buffer.from([2 + parity]), owner.subarray(1, 1 + SCALAR_BYTES)]);
  const digest = hash('ripemd160', hash('sha256', compressed, 'buffer'), 'buffer');
  return bech32.encode('kyve', bech32.toWords(digest));
}
