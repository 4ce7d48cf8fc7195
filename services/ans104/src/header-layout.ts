import { DataItemError } from './errors.ts';
import { readUnsigned } from './little-endian.ts';
import { isSignatureTypeId, signatureTypes } from './signatures/registry.ts';
import type { SignatureTypeId } from './signatures/types.ts';
import { TAG_LIMITS, tooManyTagBytes, tooManyTags } from './tags.ts';

/** Where the parts of a data item's header stand; all offsets in bytes from its start. */
export interface HeaderLayout {
  signatureType: SignatureTypeId;
  ownerOffset: number;
  targetOffset: number;
  targetLength: number;
  anchorOffset: number;
  anchorLength: number;
  tagCount: number;
  tagsOffset: number;
  /** Length of the header, which is where the payload starts. */
  length: number;
}

/** Bytes of the type, and of each of the two numbers before the tags. */
export const TYPE_BYTES = 2;
export const NUMBER_BYTES = 8;

/** Bytes of a target and of an anchor, where present. */
export const OPTIONAL_FIELD_BYTES = 32;

/** The longest header there can be (it has a signature of type 6): 7257 bytes. */
export const MAX_HEADER_BYTES =
  TYPE_BYTES +
  Math.max(...Object.values(signatureTypes).map((type) => type.signatureLength + type.ownerLength)) +
  2 * (1 + OPTIONAL_FIELD_BYTES) +
  2 * NUMBER_BYTES +
  TAG_LIMITS.byteCount;

/**
 * Finds the parts of a header (ANS-104, section 1.3) and refuses what is already known to be wrong, without
 * decoding the tags or hashing: cheap enough to be asked again for each piece of a slow upload.
 *
 * @returns `undefined` while more bytes are needed
 * @throws DataItemError
 */
export function findHeader(bytes: Uint8Array): HeaderLayout | undefined {
  if (bytes.length < TYPE_BYTES) return undefined;
  const signatureType = readSignatureType(bytes);
  const { signatureLength, ownerLength } = signatureTypes[signatureType];
  const ownerOffset = TYPE_BYTES + signatureLength;
  const targetFlag = ownerOffset + ownerLength;
  const targetLength = readFlag(bytes, targetFlag, 'target');
  if (targetLength === undefined) return undefined;
  const anchorFlag = targetFlag + 1 + targetLength;
  const anchorLength = readFlag(bytes, anchorFlag, 'anchor');
  if (anchorLength === undefined) return undefined;
  const numbersOffset = anchorFlag + 1 + anchorLength;
  const tagsOffset = numbersOffset + 2 * NUMBER_BYTES;
  if (bytes.length < tagsOffset) return undefined;
  const { tagCount, tagByteCount } = readTagNumbers(bytes, numbersOffset);
  const length = tagsOffset + tagByteCount;
  if (bytes.length < length) return undefined;
  return {
    signatureType,
    ownerOffset,
    targetOffset: targetFlag + 1,
    targetLength,
    anchorOffset: anchorFlag + 1,
    anchorLength,
    tagCount,
    tagsOffset,
    length,
  };
}

function readSignatureType(bytes: Uint8Array): SignatureTypeId {
  const value = readUnsigned(bytes, 0, TYPE_BYTES) ?? 0;
  if (isSignatureTypeId(value)) return value;
  const known = Object.keys(signatureTypes).join(', ');
  throw new DataItemError('unknown_signature_type', `unknown signature type ${value}; known are ${known}`);
}

/** Only 0 and 1 are flags: any other value would give one signature, hence one id, to items that differ. */
function readFlag(bytes: Uint8Array, offset: number, field: 'target' | 'anchor'): number | undefined {
  const flag = bytes[offset];
  if (flag === undefined) return undefined;
  if (flag > 1) throw new DataItemError(`invalid_${field}_flag`, `the ${field} flag is ${flag}; it must be 0 or 1`);
  return flag * OPTIONAL_FIELD_BYTES;
}

function readTagNumbers(bytes: Uint8Array, offset: number): { tagCount: number; tagByteCount: number } {
  const tagCount = readUnsigned(bytes, offset, NUMBER_BYTES);
  const tagByteCount = readUnsigned(bytes, offset + NUMBER_BYTES, NUMBER_BYTES);
  if (tagCount === undefined || tagCount > TAG_LIMITS.count) throw tooManyTags(tagCount);
  if (tagByteCount === undefined || tagByteCount > TAG_LIMITS.byteCount) throw tooManyTagBytes(tagByteCount);
  return { tagCount, tagByteCount };
}
