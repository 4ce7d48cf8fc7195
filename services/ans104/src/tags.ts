import { DataItemError } from './errors.ts';

/** One name and value of a data item; the wire carries bytes, read here as UTF-8. */
export interface Tag {
  name: string;
  value: string;
}

/** The limits of ANS-104, in tags and bytes. */
export const TAG_LIMITS = { count: 128, byteCount: 4096, nameByteCount: 1024, valueByteCount: 3072 } as const;

/** An Avro `long` is at most 64 bits: ten groups of seven. */
const MAX_VARINT_BYTES = 10;

interface Cursor {
  readonly bytes: Buffer;
  offset: number;
}

/**
 * Decodes the tags of a data item: an Avro array of (name, value) records, in one or more blocks.
 *
 * @param bytes exactly the tag bytes of the item, already within `TAG_LIMITS.byteCount`
 * @param count the number of tags the header declares
 * @throws DataItemError when the bytes are not such an array, are not used up, hold another number of tags, or pass a limit
 */
export function decodeTags(bytes: Buffer, count: number): Tag[] {
  if (count > TAG_LIMITS.count) throw tooManyTags(count);
  // Writers disagree on the empty list: some leave the bytes out, others write the closing zero.
  if (count === 0 && bytes.length === 0) return [];
  const cursor: Cursor = { bytes, offset: 0 };
  const tags: Tag[] = [];
  for (let block = readLong(cursor); block !== 0; block = readLong(cursor)) readBlock(cursor, block, count, tags);
  if (tags.length !== count) throw invalid(`the header declares ${count} tags but their bytes hold ${tags.length}`);
  if (cursor.offset !== bytes.length) {
    throw invalid(`the header declares ${bytes.length} tag bytes but the tags end after ${cursor.offset}`);
  }
  return tags;
}

/**
 * Encodes tags as one Avro block, the way existing clients do; no tags are no bytes.
 *
 * @throws DataItemError when a limit is passed
 */
export function encodeTags(tags: readonly Tag[]): Buffer {
  if (tags.length === 0) return Buffer.alloc(0);
  if (tags.length > TAG_LIMITS.count) throw tooManyTags(tags.length);
  const parts: Buffer[] = [encodeLong(tags.length)];
  for (const tag of tags) {
    const name = Buffer.from(tag.name);
    const value = Buffer.from(tag.value);
    checkLengths(name.length, value.length);
    parts.push(encodeLong(name.length), name, encodeLong(value.length), value);
  }
  parts.push(encodeLong(0));
  const bytes = Buffer.concat(parts);
  if (bytes.length > TAG_LIMITS.byteCount) throw tooManyTagBytes(bytes.length);
  return bytes;
}

/** The error for a tag count beyond the limit. */
export function tooManyTags(count: number | undefined): DataItemError {
  return new DataItemError('too_many_tags', `${count ?? 'countless'} tags; at most ${TAG_LIMITS.count} are allowed`);
}

/** The error for tag bytes beyond the limit. */
export function tooManyTagBytes(byteCount: number | undefined): DataItemError {
  const amount = byteCount ?? 'countless';
  return new DataItemError(
    'too_many_tag_bytes',
    `${amount} bytes of tags; at most ${TAG_LIMITS.byteCount} are allowed`,
  );
}

/** A negative block count is Avro's way to say that the block's size in bytes follows. */
function readBlock(cursor: Cursor, signedCount: number, count: number, tags: Tag[]): void {
  const size = signedCount < 0 ? readLong(cursor) : undefined;
  const start = cursor.offset;
  const blockCount = Math.abs(signedCount);
  if (tags.length + blockCount > count) throw invalid(`the header declares ${count} tags but their bytes hold more`);
  for (let index = 0; index < blockCount; index += 1) tags.push(readTag(cursor));
  if (size !== undefined && size !== cursor.offset - start) {
    throw invalid(`a block of tags declares ${size} bytes but holds ${cursor.offset - start}`);
  }
}

function readTag(cursor: Cursor): Tag {
  const name = readBytes(cursor);
  const value = readBytes(cursor);
  checkLengths(name.length, value.length);
  return { name: name.toString('utf8'), value: value.toString('utf8') };
}

function readBytes(cursor: Cursor): Buffer {
  const length = readLong(cursor);
  const end = cursor.offset + length;
  if (length < 0 || end > cursor.bytes.length) {
    throw invalid(
      `a name or value of ${length} bytes at ${cursor.offset} does not fit ${cursor.bytes.length} tag bytes`,
    );
  }
  const bytes = cursor.bytes.subarray(cursor.offset, end);
  cursor.offset = end;
  return bytes;
}

/** Plain numbers are enough: what is too large to be exact is also too large to be legal. */
function readLong(cursor: Cursor): number {
  let value = 0;
  let scale = 1;
  for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
    const byte = cursor.bytes[cursor.offset];
    if (byte === undefined) throw invalid('the tag bytes end in the middle of the list');
    cursor.offset += 1;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
  throw invalid(`a number of more than ${MAX_VARINT_BYTES} bytes at ${cursor.offset}`);
}

function encodeLong(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value * 2;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

function checkLengths(name: number, value: number): void {
  const { nameByteCount, valueByteCount } = TAG_LIMITS;
  if (name > nameByteCount) {
    throw new DataItemError('tag_name_too_long', `a tag name of ${name} bytes; at most ${nameByteCount} are allowed`);
  }
  if (value > valueByteCount) {
    throw new DataItemError(
      'tag_value_too_long',
      `a tag value of ${value} bytes; at most ${valueByteCount} are allowed`,
    );
  }
}

function invalid(message: string): DataItemError {
  return new DataItemError('invalid_tags', `invalid tags: ${message}`);
}
