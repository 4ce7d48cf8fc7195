import fc from 'fast-check';
import { type BlockRecipe, encodeRecipe, type TagsRecipe } from './avro.ts';
import { assembleItem, type BytesField, boundaries, type ItemParts } from './parts.ts';

/** One change of one field, small enough to be read in a report. */
export type FieldEdit =
  | { edit: 'type'; value: number }
  | { edit: 'flag'; field: 'targetFlag' | 'anchorFlag'; value: number }
  | { edit: 'number'; field: 'tagCount' | 'tagByteCount'; value: bigint }
  | { edit: 'shift'; field: 'tagCount' | 'tagByteCount'; by: bigint }
  | { edit: 'resize'; field: BytesField; by: number }
  | { edit: 'flip'; field: BytesField; place: number; mask: number }
  | { edit: 'fill'; field: BytesField; byte: number }
  /** `honest` sets the numbers of the header to what the new list holds. */
  | { edit: 'tags'; recipe: TagsRecipe; honest: boolean };

/** One change of the bytes, after the fields were put together. */
export type BytesEdit =
  | { edit: 'cut'; place: number }
  /** Cut a few bytes from the field boundary of that index. */
  | { edit: 'cutAtField'; index: number; by: number }
  | { edit: 'append'; bytes: number }
  | { edit: 'insert'; place: number; bytes: number }
  | { edit: 'remove'; place: number; bytes: number }
  | { edit: 'flipAt'; place: number; mask: number };

/** How an item is made from a valid one. */
export interface ItemRecipe {
  fields: FieldEdit[];
  /** Whether the changed fields are signed again, so that nothing but their form can be wrong. */
  resign: boolean;
  bytes: BytesEdit[];
}

/** The fields after the changes. */
export function editFields(parts: ItemParts, edits: readonly FieldEdit[]): ItemParts {
  return edits.reduce(editField, parts);
}

function editField(parts: ItemParts, change: FieldEdit): ItemParts {
  switch (change.edit) {
    case 'type':
      return { ...parts, type: change.value };
    case 'flag':
    case 'number':
      return { ...parts, [change.field]: change.value };
    case 'shift':
      return { ...parts, [change.field]: parts[change.field] + change.by };
    case 'resize':
      return { ...parts, [change.field]: resize(parts[change.field], change.by) };
    case 'flip':
      return { ...parts, [change.field]: flip(parts[change.field], change.place, change.mask) };
    case 'fill':
      return { ...parts, [change.field]: Buffer.alloc(parts[change.field].length, change.byte) };
    default:
      return editTags(parts, change.recipe, change.honest);
  }
}

function editTags(parts: ItemParts, recipe: TagsRecipe, honest: boolean): ItemParts {
  const rawTags = encodeRecipe(recipe);
  if (!honest) return { ...parts, rawTags };
  const count = recipe.blocks.reduce((sum, block) => sum + block.tags.length, 0);
  return { ...parts, rawTags, tagCount: BigInt(count), tagByteCount: BigInt(rawTags.length) };
}

/** The bytes of these fields after the changes. */
export function editBytes(parts: ItemParts, edits: readonly BytesEdit[]): Buffer {
  const places = boundaries(parts);
  return edits.reduce((bytes, change) => editByte(bytes, change, places), assembleItem(parts));
}

function editByte(bytes: Buffer, change: BytesEdit, fields: readonly number[]): Buffer {
  const place = 'place' in change ? change.place % (bytes.length + 1) : 0;
  switch (change.edit) {
    case 'cut':
      return bytes.subarray(0, place);
    case 'cutAtField':
      return bytes.subarray(0, Math.max(0, fields[change.index % fields.length]! + change.by));
    case 'append':
      return Buffer.concat([bytes, Buffer.alloc(change.bytes, 5)]);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, place), Buffer.alloc(change.bytes, 1), bytes.subarray(place)]);
    case 'remove':
      return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + change.bytes)]);
    default:
      return flip(bytes, place, change.mask);
  }
}

function resize(bytes: Buffer, by: number): Buffer {
  return by < 0 ? bytes.subarray(0, Math.max(0, bytes.length + by)) : Buffer.concat([bytes, Buffer.alloc(by, 1)]);
}

function flip(bytes: Buffer, place: number, mask: number): Buffer {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  copy[place % copy.length]! ^= mask;
  return copy;
}

const EDGES = [0n, 1n, 2n, 127n, 128n, 129n, 4095n, 4096n, 4097n, 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n];
const WIDE_EDGES = [2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const edge = fc.constantFrom(...EDGES, ...WIDE_EDGES);
const signedEdge = fc.oneof(
  edge,
  edge.map((value) => -value),
  fc.bigInt({ min: -200n, max: 200n }),
);
const number = fc.oneof(edge, fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
const byte = fc.nat({ max: 255 });
const mask = fc.integer({ min: 1, max: 255 });
const place = fc.nat({ max: 8000 });
const bytesField = fc.constantFrom<BytesField>('signature', 'owner', 'target', 'anchor', 'rawTags', 'payload');
const numberField = fc.constantFrom<'tagCount' | 'tagByteCount'>('tagCount', 'tagByteCount');
const width = fc.constantFrom(1, 1, 1, 2, 5, 9, 10, 11);

const textBytes = fc.nat({ max: 20 });
const text = fc.oneof(
  { weight: 8, arbitrary: fc.record({ bytes: textBytes }) },
  { weight: 1, arbitrary: fc.record({ bytes: textBytes, width }) },
  { weight: 1, arbitrary: fc.record({ bytes: textBytes, says: signedEdge }) },
);
const tags = fc.array(fc.record({ name: text, value: text }), { maxLength: 4 });
const block = fc.oneof(
  { weight: 5, arbitrary: fc.record({ tags }) },
  {
    weight: 3,
    arbitrary: fc.record({ tags, sized: fc.record({ lie: fc.constantFrom(0n, 0n, 0n, 1n, -1n, 2n ** 62n) }) }),
  },
  { weight: 1, arbitrary: fc.record({ tags, width }) },
  { weight: 1, arbitrary: fc.record({ tags, saysCount: signedEdge }) },
  { weight: 1, arbitrary: fc.constantFrom({ tags: many(128) }, { tags: many(129) }) },
  { weight: 1, arbitrary: fc.constantFrom(1023, 1024, 1025).map((bytes) => oneTag(bytes, 0)) },
  { weight: 1, arbitrary: fc.constantFrom(3071, 3072, 3073).map((bytes) => oneTag(0, bytes)) },
);
const tagsRecipe: fc.Arbitrary<TagsRecipe> = fc.record({
  blocks: fc.array(block, { maxLength: 3 }),
  closed: fc.constantFrom(true, true, true, true, false),
  more: fc.constantFrom(0, 0, 0, 0, 0, 1, 5),
});

function oneTag(name: number, value: number): BlockRecipe {
  return { tags: [{ name: { bytes: name }, value: { bytes: value } }] };
}

function many(count: number): { name: { bytes: number }; value: { bytes: number } }[] {
  return Array.from({ length: count }, () => ({ name: { bytes: 1 }, value: { bytes: 0 } }));
}

const fieldEdit: fc.Arbitrary<FieldEdit> = fc.oneof(
  fc.record({
    edit: fc.constant('type' as const),
    value: fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 101, 256, 257, 65_535), fc.nat({ max: 65_535 })),
  }),
  fc.record({
    edit: fc.constant('flag' as const),
    field: fc.constantFrom<'targetFlag' | 'anchorFlag'>('targetFlag', 'anchorFlag'),
    value: fc.oneof(fc.constantFrom(0, 1, 2, 255), byte),
  }),
  fc.record({ edit: fc.constant('number' as const), field: numberField, value: number }),
  fc.record({
    edit: fc.constant('shift' as const),
    field: numberField,
    by: fc.constantFrom(1n, -1n, 2n, 32n, 2n ** 32n, 2n ** 53n, 2n ** 63n),
  }),
  fc.record({ edit: fc.constant('resize' as const), field: bytesField, by: fc.integer({ min: -40, max: 40 }) }),
  fc.record({ edit: fc.constant('flip' as const), field: bytesField, place, mask }),
  fc.record({ edit: fc.constant('fill' as const), field: bytesField, byte: fc.constantFrom(0, 1, 255) }),
  {
    weight: 4,
    arbitrary: fc.record({ edit: fc.constant('tags' as const), recipe: tagsRecipe, honest: fc.constant(true) }),
  },
  fc.record({ edit: fc.constant('tags' as const), recipe: tagsRecipe, honest: fc.constant(false) }),
);

const bytesEdit: fc.Arbitrary<BytesEdit> = fc.oneof(
  fc.record({ edit: fc.constant('cut' as const), place }),
  fc.record({
    edit: fc.constant('cutAtField' as const),
    index: fc.nat({ max: 12 }),
    by: fc.integer({ min: -2, max: 1 }),
  }),
  fc.record({ edit: fc.constant('append' as const), bytes: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ edit: fc.constant('insert' as const), place, bytes: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ edit: fc.constant('remove' as const), place, bytes: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ edit: fc.constant('flipAt' as const), place, mask }),
);

/** How to make an item that is wrong in one or two places, in none, or in many. */
export const itemRecipe: fc.Arbitrary<ItemRecipe> = fc.record({
  fields: fc.array(fieldEdit, { maxLength: 2, size: 'max' }),
  resign: fc.boolean(),
  bytes: fc.oneof(
    { weight: 3, arbitrary: fc.constant<BytesEdit[]>([]) },
    { weight: 1, arbitrary: fc.array(bytesEdit, { minLength: 1, maxLength: 2 }) },
  ),
});

/** How a stream may be cut: the lengths of its pieces, over and over; empty pieces are legal. */
export const pieceLengths: fc.Arbitrary<number[]> = fc.oneof(
  { weight: 30, arbitrary: fc.array(fc.nat({ max: 2000 }), { minLength: 1, maxLength: 4 }) },
  { weight: 9, arbitrary: fc.array(fc.integer({ min: 20, max: 200 }), { minLength: 1, maxLength: 4 }) },
  // Byte by byte costs a hundred times what the others do.
  { weight: 1, arbitrary: fc.constant<number[]>([1]) },
);
