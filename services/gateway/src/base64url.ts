/** 43 characters: the base64url form of 32 bytes, as ids, addresses and data roots have it. */
const ID = /^[A-Za-z0-9_-]{43}$/;

/** Longer texts are chunks and proofs, whose bytes are checked by hash; only short ones serve as keys. */
const CANONICAL_CHECK_LIMIT = 4096;

/** True for the text form of a transaction id, data item id or address. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/**
 * Decodes base64url without padding, or answers undefined. Node's decoder skips what it does not know, so the
 * length is compared; short texts must also be the one canonical spelling, because they are used as keys.
 */
export function decodeBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (text.length % 4 === 1 || bytes.length !== Math.floor((text.length * 3) / 4)) return undefined;
  if (text.length <= CANONICAL_CHECK_LIMIT && bytes.toString('base64url') !== text) return undefined;
  return bytes;
}
