import secp256k1 from 'secp256k1';
import { ethereumAddress } from '../signatures/ethereum-address.ts';
import { personalDigest, typedDigest } from '../signatures/ethereum-message.ts';
import type { Signer } from './types.ts';

const RECOVERY_OFFSET = 27;

/** Signs a personal message, as Ethereum's wallets do: type 3. Takes the 32-byte private key. */
export function ethereumSigner(privateKey: Uint8Array): Signer {
  return personalSigner(3, privateKey);
}

/** Signs like Ethereum for an owner of KYVE: type 101. Takes the 32-byte private key. */
export function kyveSigner(privateKey: Uint8Array): Signer {
  return personalSigner(101, privateKey);
}

/** Signs typed data: type 7; the owner is the address in lower-case ASCII. Takes the 32-byte private key. */
export function typedEthereumSigner(privateKey: Uint8Array): Signer {
  const address = ethereumAddress(publicKeyOf(privateKey));
  return {
    signatureType: 7,
    owner: Buffer.from(`0x${address.toString('hex')}`),
    sign: async (message) => signDigest(typedDigest(message, address), privateKey),
  };
}

function personalSigner(signatureType: 3 | 101, privateKey: Uint8Array): Signer {
  return {
    signatureType,
    owner: publicKeyOf(privateKey),
    sign: async (message) => signDigest(personalDigest(message), privateKey),
  };
}

function publicKeyOf(privateKey: Uint8Array): Buffer {
  return Buffer.from(secp256k1.publicKeyCreate(privateKey, false));
}

function signDigest(digest: Uint8Array, privateKey: Uint8Array): Buffer {
  const { signature, recid } = secp256k1.ecdsaSign(digest, privateKey);
  return Buffer.concat([signature, Buffer.from([RECOVERY_OFFSET + recid])]);
}
