import { appendHash, deepHash, hashBlob, hashBlobDigest, hashListTag } from './deep-hash.ts';

/** The signed fields of a data item other than its payload. */
export interface SignedFields {
  signatureType: number;
  owner: Uint8Array;
  target: Uint8Array;
  anchor: Uint8Array;
  rawTags: Uint8Array;
}

const FIELD_COUNT = 8;
const emptyBlobHash = deepHash(Buffer.alloc(0));

/** The running hash after "dataitem", "1" and the type, one for each type ever asked for (there are eight). */
const prefixes = new Map<number, Buffer>();

/**
 * What the owner of a data item signs: the deep hash of
 * ["dataitem", "1", type, owner, target, anchor, tag bytes, payload].
 *
 * @param payloadDigest SHA-384 of the payload
 * @param payloadByteCount length of the payload
 * @returns 48 bytes
 */
export function signedMessage(fields: SignedFields, payloadDigest: Uint8Array, payloadByteCount: number): Buffer {
  let sum = appendHash(prefixOf(fields.signatureType), hashBlob(fields.owner));
  sum = appendHash(sum, hashOptional(fields.target));
  sum = appendHash(sum, hashOptional(fields.anchor));
  sum = appendHash(sum, hashOptional(fields.rawTags));
  return appendHash(sum, hashBlobDigest(payloadDigest, payloadByteCount));
}

function hashOptional(bytes: Uint8Array): Buffer {
  return bytes.length === 0 ? emptyBlobHash : hashBlob(bytes);
}

function prefixOf(signatureType: number): Buffer {
  const known = prefixes.get(signatureType);
  if (known !== undefined) return known;
  const texts = ['dataitem', '1', `${signatureType}`];
  const prefix = texts.reduce((sum, text) => appendHash(sum, hashBlob(Buffer.from(text))), hashListTag(FIELD_COUNT));
  prefixes.set(signatureType, prefix);
  return prefix;
}
