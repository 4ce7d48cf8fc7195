import { TYPED_OWNER_BYTES } from './ethereum-message.ts';
import { SECP256K1_KEY_BYTES, SECP256K1_SIGNATURE_BYTES, verifyPersonal, verifyTyped } from './secp256k1.ts';

/** One signature to check; which of the two checks is told by the length of the owner. */
export interface Secp256k1Check {
  /** The deep hash of the data item, 48 bytes. */
  message: Uint8Array;
  /** 65 bytes. */
  signature: Uint8Array;
  /** An uncompressed public key (65 bytes), or an address in ASCII (42 bytes). */
  owner: Uint8Array;
}

const MESSAGE_BYTES = 48;
const SIGNATURE_AT = MESSAGE_BYTES;
const OWNER_LENGTH_AT = SIGNATURE_AT + SECP256K1_SIGNATURE_BYTES;
const OWNER_AT = OWNER_LENGTH_AT + 1;
const RECORD_BYTES = OWNER_AT + SECP256K1_KEY_BYTES;

/** Whether a check has the lengths of its scheme; only then may it be packed beside others. */
export function isPackable({ message, signature, owner }: Secp256k1Check): boolean {
  const knownOwner = owner.length === SECP256K1_KEY_BYTES || owner.length === TYPED_OWNER_BYTES;
  return message.length === MESSAGE_BYTES && signature.length === SECP256K1_SIGNATURE_BYTES && knownOwner;
}

/** Packs checks into one array of fixed records: what a thread message costs hardly grows with it. */
export function packChecks(checks: readonly Secp256k1Check[]): Uint8Array {
  const packed = new Uint8Array(checks.length * RECORD_BYTES);
  for (const [index, { message, signature, owner }] of checks.entries()) {
    const start = index * RECORD_BYTES;
    packed.set(message, start);
    packed.set(signature, start + SIGNATURE_AT);
    packed[start + OWNER_LENGTH_AT] = owner.length;
    packed.set(owner, start + OWNER_AT);
  }
  return packed;
}

/** Makes the checks of `packChecks`: one byte each, 1 where the signature is valid. */
export function runChecks(packed: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: packed.length / RECORD_BYTES }, (_, index) =>
    runCheck(packed.subarray(index * RECORD_BYTES, (index + 1) * RECORD_BYTES)) ? 1 : 0,
  );
}

function runCheck(record: Uint8Array): boolean {
  const message = record.subarray(0, MESSAGE_BYTES);
  const signature = record.subarray(SIGNATURE_AT, OWNER_LENGTH_AT);
  const owner = record.subarray(OWNER_AT, OWNER_AT + (record[OWNER_LENGTH_AT] ?? 0));
  return owner.length === TYPED_OWNER_BYTES
    ? verifyTyped(message, signature, owner)
    : verifyPersonal(message, signature, owner);
}
