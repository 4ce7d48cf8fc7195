/** An Avro long of a raw 64-bit pattern or more, in at least `width` bytes: overlong forms are legal, up to ten. */
export function encodeAvroLong(value: bigint, width = 1): Buffer {
  let rest = value >= 0n ? value * 2n : -value * 2n - 1n;
  const bytes: number[] = [];
  while (rest >= 0x80n || bytes.length + 1 < width) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** One string of a tag: what its length says, and how many bytes it has. */
export interface TextRecipe {
  bytes: number;
  /** Said instead of `bytes`. */
  says?: bigint;
  width?: number;
}

/** One block of tags. */
export interface BlockRecipe {
  tags: { name: TextRecipe; value: TextRecipe }[];
  /** Said instead of the number of tags. */
  saysCount?: bigint;
  /** Written as a negative count followed by the size in bytes; `lie` is added to the size. */
  sized?: { lie: bigint };
  width?: number;
}

/** A list of tags. */
export interface TagsRecipe {
  blocks: BlockRecipe[];
  /** Whether the closing zero is there. */
  closed: boolean;
  /** Bytes after the list. */
  more: number;
}

/** Writes a list of tags as the recipe says, legal or not. */
export function encodeRecipe({ blocks, closed, more }: TagsRecipe): Buffer {
  return Buffer.concat([...blocks.map(encodeBlock), Buffer.alloc(closed ? 1 : 0), Buffer.alloc(more, 7)]);
}

function encodeBlock({ tags, saysCount, sized, width }: BlockRecipe): Buffer {
  const body = Buffer.concat(tags.flatMap(({ name, value }) => [encodeText(name), encodeText(value)]));
  const count = saysCount ?? BigInt(tags.length);
  if (sized === undefined) return Buffer.concat([encodeAvroLong(count, width), body]);
  return Buffer.concat([encodeAvroLong(-count, width), encodeAvroLong(BigInt(body.length) + sized.lie), body]);
}

function encodeText({ bytes, says, width }: TextRecipe): Buffer {
  return Buffer.concat([encodeAvroLong(says ?? BigInt(bytes), width), Buffer.alloc(bytes, 'n')]);
}
