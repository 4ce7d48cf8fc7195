/**
 * A second reader of data items, to compare the first with: written from the format alone, all at once, with big
 * integers, and without a word of the reader under test. It is slow and needs the whole item.
 */
import { createHash } from 'node:crypto';

/** What the second reader finds in an item that has the form of one. */
export interface OracleItem {
  type: number;
  id: string;
  signature: Buffer;
  owner: Buffer;
  target: Buffer;
  anchor: Buffer;
  tags: { name: string; value: string }[];
  payloadByteCount: number;
  /** What its owner should have signed. */
  message: Buffer;
}

/** Bytes of signature and owner by type (ANS-104 and its registry). */
const sizes: Record<number, readonly [number, number]> = {
  1: [512, 512],
  2: [64, 32],
  3: [65, 65],
  4: [64, 32],
  5: [64, 32],
  6: [2052, 1025],
  7: [65, 42],
  101: [65, 65],
};

class Refused extends Error {}

/** Reads an item, or tells that it has none of its form. */
export function readByOracle(item: Buffer): OracleItem | undefined {
  try {
    return read(item);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function read(item: Buffer): OracleItem {
  let at = 0;
  const take = (count: number): Buffer => {
    if (at + count > item.length) throw new Refused();
    at += count;
    return item.subarray(at - count, at);
  };
  const optional = (): Buffer => {
    const flag = take(1)[0] ?? 0;
    if (flag > 1) throw new Refused();
    return take(32 * flag);
  };
  const type = take(2).readUInt16LE();
  const [signatureBytes, ownerBytes] = sizes[type] ?? [];
  if (signatureBytes === undefined || ownerBytes === undefined) throw new Refused();
  const signature = take(signatureBytes);
  const owner = take(ownerBytes);
  const target = optional();
  const anchor = optional();
  const tagCount = take(8).readBigUInt64LE();
  const tagByteCount = take(8).readBigUInt64LE();
  if (tagCount > 128n || tagByteCount > 4096n) throw new Refused();
  const rawTags = take(Number(tagByteCount));
  const tags = readTags(rawTags);
  if (BigInt(tags.length) !== tagCount) throw new Refused();
  const payload = item.subarray(at);
  const fields = [owner, target, anchor, rawTags, payload];
  const message = oracleMessage(type, fields);
  const id = createHash('sha256').update(signature).digest('base64url');
  return { type, id, signature, owner, target, anchor, tags, payloadByteCount: payload.length, message };
}

/** The deep hash of ["dataitem", "1", type, owner, target, anchor, tag bytes, payload], as the paper has it. */
export function oracleMessage(type: number, fields: Buffer[]): Buffer {
  const blobs = [Buffer.from('dataitem'), Buffer.from('1'), Buffer.from(String(type)), ...fields];
  let sum = sha384(Buffer.from(`list${blobs.length}`));
  for (const blob of blobs) {
    const hashed = sha384(Buffer.concat([sha384(Buffer.from(`blob${blob.length}`)), sha384(blob)]));
    sum = sha384(Buffer.concat([sum, hashed]));
  }
  return sum;
}

function sha384(bytes: Buffer): Buffer {
  return createHash('sha384').update(bytes).digest();
}

function readTags(bytes: Buffer): { name: string; value: string }[] {
  let at = 0;
  const long = (): bigint => {
    let value = 0n;
    for (let index = 0n; index < 10n; index += 1n) {
      const byte = bytes[at];
      if (byte === undefined) throw new Refused();
      at += 1;
      value |= BigInt(byte & 0x7f) << (7n * index);
      if (byte >= 0x80) continue;
      // Avro's longs have 64 bits; what does not fit them is no long.
      if (value >= 1n << 64n) throw new Refused();
      return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
    }
    throw new Refused();
  };
  const text = (limit: bigint): string => {
    const length = long();
    if (length < 0n || length > limit || at + Number(length) > bytes.length) throw new Refused();
    at += Number(length);
    return bytes.toString('utf8', at - Number(length), at);
  };
  const tags: { name: string; value: string }[] = [];
  if (bytes.length === 0) return tags;
  for (let count = long(); count !== 0n; count = long()) {
    const size = count < 0n ? long() : undefined;
    const start = at;
    for (let left = count < 0n ? -count : count; left > 0n; left -= 1n) {
      tags.push({ name: text(1024n), value: text(3072n) });
    }
    if (size !== undefined && size !== BigInt(at - start)) throw new Refused();
  }
  if (at !== bytes.length) throw new Refused();
  return tags;
}
