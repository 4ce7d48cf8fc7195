import { bundleHeaderByteCount, encodeBundleHeader, parseBundleHeader } from './bundle-header.ts';

const first = { id: Buffer.alloc(32, 1), byteCount: 5 };
const second = { id: Buffer.alloc(32, 2), byteCount: 2 ** 40 + 1 };
const limit = { maxItems: 2 };

describe('a bundle header', () => {
  it('tells where each item starts', () => {
    expect(parseBundleHeader(encodeBundleHeader([first, second]), limit)).toEqual({
      items: [
        { ...first, offset: 160 },
        { ...second, offset: 165 },
      ],
      byteCount: 165 + second.byteCount,
    });
  });

  it('of no items is 32 zero bytes', () => {
    expect(encodeBundleHeader([])).toEqual(Buffer.alloc(bundleHeaderByteCount(0)));
    expect(parseBundleHeader(Buffer.alloc(32), limit)).toEqual({ items: [], byteCount: 32 });
  });

  it('asks for more bytes until it is whole', () => {
    const header = encodeBundleHeader([first, second]);
    for (let length = 0; length < header.length; length += 1) {
      expect(parseBundleHeader(header.subarray(0, length), limit)).toBeUndefined();
    }
  });

  it('is refused when it declares more items than allowed, long before they are there', () => {
    const header = encodeBundleHeader([first, second]).subarray(0, 32);
    expect(() => parseBundleHeader(header, { maxItems: 1 })).toThrow('declares 2 items; at most 1 are allowed');
    expect(() => parseBundleHeader(Buffer.alloc(32, 0xff), limit)).toThrow('countless items');
  });

  it('is refused when sizes cannot be counted, alone or together', () => {
    const alone = encodeBundleHeader([first]).fill(0xff, 32, 64);
    const half = { id: first.id, byteCount: Number.MAX_SAFE_INTEGER - 1000 };
    expect(() => parseBundleHeader(alone, limit)).toThrow('item 0 of the bundle declares more bytes');
    expect(() => parseBundleHeader(encodeBundleHeader([half, half]), limit)).toThrow('item 1 of the bundle declares');
  });

  it('is not written with a wrong id or size', () => {
    expect(() => encodeBundleHeader([{ id: Buffer.alloc(31), byteCount: 1 }])).toThrow('the id of item 0 has 31 bytes');
    expect(() => encodeBundleHeader([first, { ...second, byteCount: 1.5 }])).toThrow('the size of item 1 is 1.5');
    expect(() => encodeBundleHeader([{ ...first, byteCount: -1 }])).toThrow('the size of item 0 is -1');
  });
});
