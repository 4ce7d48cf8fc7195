import { normalizedAddress } from '../address.ts';
import { ED25519_KEY_BYTES, ED25519_SIGNATURE_BYTES, verifyEd25519 } from './ed25519.ts';
import type { SignatureType } from './types.ts';

/** Keys and signatures a multi-signature account has room for. */
export const MULTI_APTOS_SLOTS = 32;

const SIGNATURES_BYTES = MULTI_APTOS_SLOTS * ED25519_SIGNATURE_BYTES;
const KEYS_BYTES = MULTI_APTOS_SLOTS * ED25519_KEY_BYTES;
const BITMAP_BYTES = 4;

/** What an Aptos wallet signs when it is asked to sign the hex of the deep hash with the nonce of these items. */
export function aptosMessage(message: Uint8Array): Buffer {
  return Buffer.from(`APTOS\nmessage: ${Buffer.from(message).toString('hex')}\nnonce: bundlr`);
}

/** Type 5: Ed25519 over the text an Aptos wallet makes of the deep hash. */
export const injectedAptos: SignatureType = {
  name: 'injectedAptos',
  signatureLength: ED25519_SIGNATURE_BYTES,
  ownerLength: ED25519_KEY_BYTES,
  verify: (message, signature, owner) => verifyEd25519(aptosMessage(message), signature, owner),
  nativeAddress: normalizedAddress,
};

/**
 * Type 6: up to 32 Ed25519 keys and a threshold; a signature for each key whose bit is set, first key highest bit.
 *
 * Stricter than the checks in common use, which take an empty bitmap for a valid signature: the threshold counts.
 */
export const multiAptos: SignatureType = {
  name: 'multiAptos',
  signatureLength: SIGNATURES_BYTES + BITMAP_BYTES,
  ownerLength: KEYS_BYTES + 1,
  verify: verifyMultiAptos,
  nativeAddress: normalizedAddress,
};

async function verifyMultiAptos(message: Uint8Array, signature: Uint8Array, owner: Uint8Array): Promise<boolean> {
  const threshold = readThreshold(owner[KEYS_BYTES] ?? 0);
  const slots = Array.from({ length: MULTI_APTOS_SLOTS }, (_, index) => readSlot(signature, owner, index));
  const signed = slots.filter((slot) => slot.signed);
  if (threshold === undefined || signed.length < threshold) return false;
  if (!slots.every(isWellFormed)) return false;
  const checks = await Promise.all(signed.map((slot) => verifyEd25519(message, slot.signature, slot.key)));
  return checks.every(Boolean);
}

interface Slot {
  signed: boolean;
  signature: Uint8Array;
  key: Uint8Array;
}

function readSlot(signature: Uint8Array, owner: Uint8Array, index: number): Slot {
  const bits = signature[SIGNATURES_BYTES + (index >> 3)] ?? 0;
  return {
    signed: (bits & (0x80 >> (index & 7))) !== 0,
    signature: signature.subarray(index * ED25519_SIGNATURE_BYTES, (index + 1) * ED25519_SIGNATURE_BYTES),
    key: owner.subarray(index * ED25519_KEY_BYTES, (index + 1) * ED25519_KEY_BYTES),
  };
}

/**
 * The zeros that fill up an owner are a point of order four, for which anyone can make signatures: taken, they would
 * count towards the threshold of a stranger's account. OpenSSL 3.5 refuses such points by itself, others do not.
 * And the room of absent signatures must be zero, or one item could be given any number of ids.
 */
function isWellFormed(slot: Slot): boolean {
  return slot.signed ? !isZero(slot.key) : isZero(slot.signature);
}

/** Existing clients write the threshold as a digit in ASCII, Aptos itself as a number: the two ranges are disjoint. */
function readThreshold(byte: number): number | undefined {
  if (byte >= 0x31 && byte <= 0x39) return byte - 0x30;
  return byte >= 1 && byte <= MULTI_APTOS_SLOTS ? byte : undefined;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
