/** A data item as fields that need not fit each other; nothing here is shared with the reader that it is to test. */
export interface ItemParts {
  type: number;
  signature: Buffer;
  owner: Buffer;
  targetFlag: number;
  target: Buffer;
  anchorFlag: number;
  anchor: Buffer;
  tagCount: bigint;
  tagByteCount: bigint;
  rawTags: Buffer;
  payload: Buffer;
}

/** The fields that are bytes. */
export type BytesField = 'signature' | 'owner' | 'target' | 'anchor' | 'rawTags' | 'payload';

/** Writes the fields in the order of ANS-104, section 1.3, whatever they say. */
export function assembleItem(parts: ItemParts): Buffer {
  const type = Buffer.alloc(2);
  type.writeUInt16LE(parts.type);
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64LE(BigInt.asUintN(64, parts.tagCount), 0);
  numbers.writeBigUInt64LE(BigInt.asUintN(64, parts.tagByteCount), 8);
  return Buffer.concat([
    type,
    parts.signature,
    parts.owner,
    Buffer.of(parts.targetFlag),
    parts.target,
    Buffer.of(parts.anchorFlag),
    parts.anchor,
    numbers,
    parts.rawTags,
    parts.payload,
  ]);
}

/** Where each field of these parts begins and the item ends: the places at which a cut is most likely to matter. */
export function boundaries(parts: ItemParts): number[] {
  const lengths = [
    2,
    parts.signature.length,
    parts.owner.length,
    1,
    parts.target.length,
    1,
    parts.anchor.length,
    8,
    8,
    parts.rawTags.length,
    parts.payload.length,
  ];
  const places = [0];
  for (const length of lengths) places.push((places.at(-1) ?? 0) + length);
  return [...new Set(places)];
}
