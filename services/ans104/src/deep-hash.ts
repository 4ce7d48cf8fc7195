import { createHash, hash } from 'node:crypto';

/** What the deep hash is defined over: bytes, or lists of the same. */
export type DeepHashValue = Uint8Array | readonly DeepHashValue[];

const HASH_BYTES = 48;

/**
 * Tag hashes of short blobs: every field of a data item but its payload has one of a few lengths below this bound.
 * Nothing is kept for longer blobs, so the table cannot grow with what clients send.
 */
const CACHED_BLOB_LENGTH = 4096;
const blobTagHashes = new Array<Buffer | undefined>(CACHED_BLOB_LENGTH + 1);

/** Reused for each pair of hashes; safe because hashing one pair never yields. */
const pair = Buffer.alloc(2 * HASH_BYTES);

/**
 * The deep hash of Arweave (SHA-384 over tagged blobs and lists), in one synchronous go; meant for small values.
 *
 * @returns 48 bytes
 */
export function deepHash(value: DeepHashValue): Buffer {
  if (value instanceof Uint8Array) return hashBlob(value);
  return value.reduce<Buffer>((sum, part) => appendHash(sum, deepHash(part)), hashListTag(value.length));
}

/** The running hash a list of `count` values starts from. */
export function hashListTag(count: number): Buffer {
  return sha384(Buffer.from(`list${count}`));
}

/** The running hash of a list after one more value, given that value's deep hash. */
export function appendHash(sum: Uint8Array, next: Uint8Array): Buffer {
  pair.set(sum, 0);
  pair.set(next, HASH_BYTES);
  return sha384(pair);
}

/** The deep hash of a blob. */
export function hashBlob(bytes: Uint8Array): Buffer {
  return hashBlobDigest(sha384(bytes), bytes.length);
}

/**
 * The deep hash of a blob of which only the SHA-384 and the length are known, which is what a stream leaves behind:
 * the length enters a tag of its own, so it need not be known before the bytes.
 */
export function hashBlobDigest(digest: Uint8Array, byteCount: number): Buffer {
  return appendHash(blobTagHash(byteCount), digest);
}

/** A running SHA-384, for payloads that arrive in pieces. */
export function createPayloadHash(): ReturnType<typeof createHash> {
  return createHash('sha384');
}

function blobTagHash(byteCount: number): Buffer {
  const known = blobTagHashes[byteCount];
  if (known !== undefined) return known;
  const computed = sha384(Buffer.from(`blob${byteCount}`));
  if (byteCount <= CACHED_BLOB_LENGTH) blobTagHashes[byteCount] = computed;
  return computed;
}

function sha384(bytes: Uint8Array): Buffer {
  return hash('sha384', bytes, 'buffer');
}
