import { loadBadVectors } from '../load.ts';
import { editBytes, editFields, type FieldEdit } from './edits.ts';
import { boundaries, type ItemParts } from './parts.ts';
import type { Seedling } from './pool.ts';

/** A bad item with a name that says what is wrong with it. */
export interface NamedItem {
  name: string;
  bytes: Buffer;
}

/** Numbers that a reader which believes them would allocate, wrap around or lose a bit of. */
const LIES = [1n, 129n, 4097n, 2n ** 31n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 63n + 2n, 2n ** 64n - 1n];

const fieldEdits: [string, FieldEdit][] = [
  ...LIES.map((by): [string, FieldEdit] => [`tag count off by ${by}`, { edit: 'shift', field: 'tagCount', by }]),
  ...LIES.map((by): [string, FieldEdit] => [`tag bytes off by ${by}`, { edit: 'shift', field: 'tagByteCount', by }]),
  ...[2, 128, 255].flatMap((value): [string, FieldEdit][] => [
    [`target flag ${value}`, { edit: 'flag', field: 'targetFlag', value }],
    [`anchor flag ${value}`, { edit: 'flag', field: 'anchorFlag', value }],
  ]),
  ...(['signature', 'owner'] as const).flatMap((field): [string, FieldEdit][] => [
    [`${field} all zeros`, { edit: 'fill', field, byte: 0 }],
    [`${field} all ones`, { edit: 'fill', field, byte: 255 }],
    [`${field} with its first bit turned`, { edit: 'flip', field, place: 0, mask: 128 }],
    [`${field} a byte short`, { edit: 'resize', field, by: -1 }],
    [`${field} a byte long`, { edit: 'resize', field, by: 1 }],
  ]),
  ...[0, 8, 100, 257, 65_535].map((value): [string, FieldEdit] => [`type ${value}`, { edit: 'type', value }]),
];

/** Hundreds of bad items: each lie in items of each type, each type cut at each of its boundaries, and the vectors. */
export function namedItems(pool: readonly Seedling[]): NamedItem[] {
  const vectors = loadBadVectors().map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes, 'base64url') }));
  // The second item of each type has every field.
  const full = pool.filter(({ parts }) => parts.targetFlag === 1);
  return [...vectors, ...full.flatMap(({ name, parts }) => spoil(name, parts))];
}

function spoil(name: string, parts: ItemParts): NamedItem[] {
  const wrong = fieldEdits.map(([what, edit]) => ({
    name: `${name}, ${what}`,
    bytes: editBytes(editFields(parts, [edit]), []),
  }));
  const whole = editBytes(parts, []);
  const cut = boundaries(parts)
    .filter((place) => place < whole.length)
    .map((place) => ({ name: `${name}, cut at ${place}`, bytes: whole.subarray(0, place) }));
  const more = { name: `${name}, a byte after its end`, bytes: Buffer.concat([whole, Buffer.alloc(1)]) };
  return [...wrong, ...cut, more];
}
