import { assembledSize } from './parts.ts';

describe('parts of an upload', () => {
  const part = (offset: number, byteCount: number) => ({ offset, byteCount });
  it.each([
    ['none are no bytes', [], { byteCount: 0 }],
    [
      'one after another are their sum, whatever their lengths',
      [part(0, 10), part(10, 10), part(20, 3)],
      { byteCount: 23 },
    ],
    ['miss the first', [part(10, 10)], { expectedAt: 0, foundAt: 10 }],
    ['miss one in between', [part(0, 10), part(20, 5)], { expectedAt: 10, foundAt: 20 }],
    ['overlap when a part was replaced by a longer one', [part(0, 12), part(10, 5)], { expectedAt: 12, foundAt: 10 }],
  ])('%s', (_, parts, expected) => {
    expect(assembledSize(parts)).toEqual(expected);
  });
});
