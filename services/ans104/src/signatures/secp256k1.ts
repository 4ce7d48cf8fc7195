import secp256k1 from 'secp256k1';
import { ethereumAddress, readAddress } from './ethereum-address.ts';
import { personalDigest, typedDigest } from './ethereum-message.ts';

/** Bytes of the signatures and uncompressed public keys of Ethereum. */
export const SECP256K1_SIGNATURE_BYTES = 65;
export const SECP256K1_KEY_BYTES = 65;

/** Half of the group's order: of the two signatures s and n-s, only the one not above it counts (EIP-2). */
const HALF_ORDER = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex');
const SCALAR_BYTES = 32;
const RECOVERY_OFFSET = 27;

/** Checks a signature over the personal message of a deep hash against an uncompressed public key. Blocks for 45 µs. */
export function verifyPersonal(message: Uint8Array, signature: Uint8Array, owner: Uint8Array): boolean {
  const publicKey = recover(personalDigest(message), signature);
  return publicKey !== undefined && Buffer.compare(publicKey, owner) === 0;
}

/** Checks a signature over the typed data of a deep hash against an address in ASCII. Blocks for 60 µs. */
export function verifyTyped(message: Uint8Array, signature: Uint8Array, owner: Uint8Array): boolean {
  const address = readAddress(owner);
  if (address === undefined) return false;
  const publicKey = recover(typedDigest(message, address), signature);
  return publicKey !== undefined && ethereumAddress(publicKey).equals(address);
}

/**
 * The public key that made a signature, where the signature has the one form its signer gives it.
 *
 * Other checks look at r and s alone, or take several values for the last byte. But the id of a data item is the hash
 * of its signature: were more than one form valid, a stranger could upload somebody's item again under another id and
 * have its owner pay twice. Wallets write 27 or 28 and the lower s.
 */
function recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  const recoveryId = (signature[SECP256K1_SIGNATURE_BYTES - 1] ?? 0) - RECOVERY_OFFSET;
  if (recoveryId !== 0 && recoveryId !== 1) return undefined;
  const compact = signature.subarray(0, 2 * SCALAR_BYTES);
  if (Buffer.compare(compact.subarray(SCALAR_BYTES), HALF_ORDER) > 0) return undefined;
  try {
    return secp256k1.ecdsaRecover(compact, recoveryId, digest, false);
  } catch {
    return undefined;
  }
}
