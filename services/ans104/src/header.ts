import { hash } from 'node:crypto';
import { findHeader, type HeaderLayout, TYPE_BYTES } from './header-layout.ts';
import type { SignatureTypeId } from './signatures/types.ts';
import { decodeTags, type Tag } from './tags.ts';

/** The header of a data item. Its buffers are views of the bytes it was parsed from. */
export interface DataItemHeader {
  signatureType: SignatureTypeId;
  signature: Buffer;
  owner: Buffer;
  /** 32 bytes, or none. */
  target: Buffer;
  /** 32 bytes, or none. */
  anchor: Buffer;
  tags: Tag[];
  /** The tags as they stand on the wire, which is what is signed. */
  rawTags: Buffer;
  /** Length of the header in bytes, which is where the payload starts. */
  length: number;
  /** SHA-256 of the signature, 32 bytes. */
  id: Buffer;
}

/**
 * Parses the header at the start of a data item.
 *
 * @returns `undefined` while more bytes are needed, never for `MAX_HEADER_BYTES` or more
 * @throws DataItemError as soon as the bytes cannot become a header
 */
export function parseDataItemHeader(bytes: Uint8Array): DataItemHeader | undefined {
  const layout = findHeader(bytes);
  return layout === undefined ? undefined : readHeader(bytes, layout);
}

/** Reads the header that `findHeader` found in these bytes. */
export function readHeader(bytes: Uint8Array, layout: HeaderLayout): DataItemHeader {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, layout.length);
  const { ownerOffset, targetOffset, targetLength, anchorOffset, anchorLength, tagsOffset } = layout;
  const signature = header.subarray(TYPE_BYTES, ownerOffset);
  const rawTags = header.subarray(tagsOffset);
  return {
    signatureType: layout.signatureType,
    signature,
    // The target's flag is the one byte between the owner and it.
    owner: header.subarray(ownerOffset, targetOffset - 1),
    target: header.subarray(targetOffset, targetOffset + targetLength),
    anchor: header.subarray(anchorOffset, anchorOffset + anchorLength),
    tags: decodeTags(rawTags, layout.tagCount),
    rawTags,
    length: layout.length,
    id: hash('sha256', signature, 'buffer'),
  };
}
