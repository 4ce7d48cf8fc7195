import { ChunkRanges } from './chunk-ranges.ts';

function rangesOf(...pairs: [number, number][]): ChunkRanges {
  const ranges = new ChunkRanges();
  for (const [left, right] of pairs) ranges.add({ left, right });
  return ranges;
}

describe('chunk ranges', () => {
  it('find the chunk that holds an offset, whatever order they came in', () => {
    const ranges = rangesOf([20, 30], [0, 10], [10, 20]);
    expect([0, 9, 10, 29].map((offset) => ranges.at(offset)?.left)).toEqual([0, 0, 10, 20]);
    expect(ranges.at(30)).toBeUndefined();
  });

  it('find nothing in a gap', () => {
    expect(rangesOf([0, 10], [20, 30]).at(15)).toBeUndefined();
  });

  it('cover the data only without a gap', () => {
    expect(rangesOf([0, 10], [20, 30]).covers(30)).toBe(false);
    expect(rangesOf([10, 20], [0, 10]).covers(20)).toBe(true);
    expect(rangesOf([10, 20], [20, 40]).covers(20)).toBe(false);
    expect(rangesOf([0, 10], [0, 10]).covers(20)).toBe(false);
  });
});
