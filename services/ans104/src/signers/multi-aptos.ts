import { MULTI_APTOS_SLOTS, multiAptos } from '../signatures/aptos.ts';
import { ED25519_KEY_BYTES, ED25519_SIGNATURE_BYTES } from '../signatures/ed25519.ts';
import { ed25519Signer } from './ed25519.ts';
import type { Signer } from './types.ts';

/** Existing clients write the threshold as one digit in ASCII. */
const MAX_THRESHOLD = 9;
const BITMAP_OFFSET = MULTI_APTOS_SLOTS * ED25519_SIGNATURE_BYTES;

/**
 * Signs for a multi-signature account of Aptos, type 6, with those of its keys whose seeds are at hand.
 *
 * @param members all keys of the account in their order, each a 32-byte seed, or a 32-byte public key that does not sign
 * @param threshold how many signatures the account asks for, 1 to 9
 */
export function multiAptosSigner(
  members: readonly ({ seed: Uint8Array } | { publicKey: Uint8Array })[],
  threshold: number,
): Signer {
  checkAccount(members.length, threshold);
  const signers = members.map((member) => ('seed' in member ? ed25519Signer(member.seed) : undefined));
  const owner = Buffer.alloc(multiAptos.ownerLength);
  for (const [index, member] of members.entries()) {
    const key = 'seed' in member ? signers[index]?.owner : member.publicKey;
    if (key?.length !== ED25519_KEY_BYTES)
      throw new Error(`key ${index} has ${key?.length} bytes, not ${ED25519_KEY_BYTES}`);
    owner.set(key, index * ED25519_KEY_BYTES);
  }
  owner.write(`${threshold}`, multiAptos.ownerLength - 1, 'ascii');
  return { signatureType: 6, owner, sign: (message) => signAll(signers, message) };
}

async function signAll(signers: readonly (Signer | undefined)[], message: Uint8Array): Promise<Buffer> {
  const signatures = await Promise.all(signers.map((signer) => signer?.sign(message)));
  const all = Buffer.alloc(multiAptos.signatureLength);
  for (const [index, signature] of signatures.entries()) {
    if (signature === undefined) continue;
    all.set(signature, index * ED25519_SIGNATURE_BYTES);
    const byte = BITMAP_OFFSET + (index >> 3);
    all[byte] = (all[byte] ?? 0) | (0x80 >> (index & 7));
  }
  return all;
}

function checkAccount(members: number, threshold: number): void {
  if (members > MULTI_APTOS_SLOTS) throw new Error(`${members} keys; an account has at most ${MULTI_APTOS_SLOTS}`);
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > Math.min(MAX_THRESHOLD, members)) {
    throw new Error(
      `a threshold of ${threshold} for ${members} keys; it must be 1 to ${Math.min(MAX_THRESHOLD, members)}`,
    );
  }
}
