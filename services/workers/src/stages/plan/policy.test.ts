import type { WaitingItem } from '@bundler/adapters';
import { layOut, pack, worthPacking } from './policy.ts';

const limits = { maxItems: 3, maxBytes: 1000, overdueMs: 60_000 };
const now = 1_000_000;

function waiting(...sizes: number[]): WaitingItem[] {
  return sizes.map((byteCount, index) => ({ id: Buffer.alloc(32, index), byteCount, receivedAt: now }));
}

const old = (items: WaitingItem[]): WaitingItem[] =>
  items.map((item, index) => (index === 0 ? { ...item, receivedAt: now - limits.overdueMs } : item));

describe('a look before packing', () => {
  it.each([
    ['is not worth it when nothing waits', 0, 0, 0, false],
    ['is not worth it for a few young items', 2, 100, now, false],
    ['is worth it for enough items', 3, 100, now, true],
    ['is worth it for enough bytes', 1, 1000, now, true],
    ['is worth it for one overdue item', 1, 1, now - limits.overdueMs, true],
  ])('%s', (_, count, byteCount, oldest, expected) => {
    expect(worthPacking({ count, byteCount, oldest }, limits, now)).toBe(expected);
  });
});

describe('packing', () => {
  it('lets items wait while they neither fill a bundle nor are overdue', () => {
    expect(pack(waiting(10, 20), limits, now).state).toBe('waiting');
    expect(pack([], limits, now)).toEqual({ items: [], state: 'waiting' });
  });

  it('packs what is there as soon as one item is overdue', () => {
    const packing = pack(old(waiting(10, 20)), limits, now);
    expect(packing.state).toBe('overdue');
    expect(packing.items).toHaveLength(2);
  });

  it.each([
    ['as many items as a bundle may have', [1, 1, 1], 3],
    ['more items than a bundle may have', [1, 1, 1, 1, 1], 3],
    ['exactly the bytes that a bundle may have', [400, 600], 2],
    ['an item that no longer fits', [400, 500, 200], 2],
    ['one item of exactly the bytes that a bundle may have', [1000, 1], 1],
  ])('calls a bundle full with %s', (_, sizes, taken) => {
    const packing = pack(waiting(...sizes), limits, now);
    expect(packing.state).toBe('full');
    expect(packing.items.map((item) => item.byteCount)).toEqual(sizes.slice(0, taken));
  });

  it.each([[[1001, 1]], [[1, 5000]], [[1, 5000, 6000]]])('sets aside the first item above a bundle: of %j', (sizes) => {
    const { items, state } = pack(waiting(...sizes), limits, now);
    expect({ state, sizes: items.map((item) => item.byteCount) }).toEqual({
      state: 'oversized',
      sizes: [sizes.find((size) => size > limits.maxBytes)],
    });
  });

  it('places items one after another behind the header of 32 + 64 bytes an item', () => {
    const placed = layOut(waiting(10, 20));
    expect(placed.items.map((item) => item.bundleOffset)).toEqual([160, 170]);
    expect(placed.byteCount).toBe(190);
  });
});
