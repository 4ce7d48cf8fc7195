import fc from 'fast-check';
import { allocatedBy } from '../vectors/fuzz/allocation.ts';
import { fuzzSettings } from '../vectors/fuzz/settings.ts';
import { BundleHeaderError, parseBundleHeader } from './index.ts';

const MAX_ITEMS = 40;
const CASES = 20_000;

/** Numbers as 32 bytes: small ones, those around the edges of number types, and any. */
const wide = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: 5000n }) },
  fc.constantFrom(...[31n, 32n, 53n, 63n, 64n, 128n, 255n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits])),
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
);
const header = fc.record({
  count: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, wide),
  sizes: fc.array(wide, { maxLength: MAX_ITEMS + 2, size: 'max' }),
  /** Bytes cut from the end, or added to it. */
  end: fc.oneof(fc.constant(0), fc.integer({ min: -200, max: 200 })),
});

function write({ count, sizes, end }: { count: bigint | undefined; sizes: bigint[]; end: number }): Buffer {
  const entries = sizes.flatMap((size, index) => [number32(size), Buffer.alloc(32, index + 1)]);
  const bytes = Buffer.concat([number32(count ?? BigInt(sizes.length)), ...entries, Buffer.alloc(Math.max(0, end), 3)]);
  return bytes.subarray(0, Math.max(0, bytes.length + Math.min(0, end)));
}

function number32(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

/** The same reading with big integers: a code, `more`, or the places of the items. */
function expected(bytes: Buffer): string {
  const read = (at: number): bigint =>
    BigInt(
      `0x${Buffer.from(bytes.subarray(at, at + 32))
        .reverse()
        .toString('hex')}`,
    );
  if (bytes.length < 32) return 'more';
  const count = read(0);
  if (count > BigInt(MAX_ITEMS)) return 'too_many_items';
  if (BigInt(bytes.length) < 32n + 64n * count) return 'more';
  const places: string[] = [];
  let offset = 32n + 64n * count;
  for (let index = 0; index < Number(count); index += 1) {
    const size = read(32 + 64 * index);
    places.push(`${bytes.toString('hex', 64 + 64 * index, 96 + 64 * index)} ${offset} ${size}`);
    offset += size;
    if (offset > BigInt(Number.MAX_SAFE_INTEGER)) return 'number_too_large';
  }
  return [...places, offset].join(', ');
}

function found(bytes: Buffer): string {
  try {
    const bundle = parseBundleHeader(bytes, { maxItems: MAX_ITEMS });
    if (bundle === undefined) return 'more';
    const places = bundle.items.map(({ id, offset, byteCount }) => `${id.toString('hex')} ${offset} ${byteCount}`);
    return [...places, bundle.byteCount].join(', ');
  } catch (error) {
    if (error instanceof BundleHeaderError) return error.code;
    throw error;
  }
}

describe('a bundle header that lies', () => {
  it('is read as the format says, refused with a code, or waits for bytes, without memory for what it declares', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(header, (recipe) => {
        const bytes = write(recipe);
        let verdict = '';
        // Entries are views of the bytes: what is made of buffers here is what the test itself prints.
        const allocated = allocatedBy(() => {
          verdict = found(bytes);
        });
        if (allocated > 0) throw new Error(`${allocated} bytes were allocated for a header of ${bytes.length}`);
        const should = expected(bytes);
        if (verdict !== should) throw new Error(`read as "${verdict}", but the format says "${should}"`);
        seen.add(/^[a-z_]+$/.test(verdict) ? verdict : 'items');
      }),
      fuzzSettings(CASES),
    );
    expect([...seen].sort()).toEqual(['items', 'more', 'number_too_large', 'too_many_items']);
  });
});
