import { mean, median, percentile } from './percentile.ts';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('takes the nearest rank, whatever the order of the values', () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
  });

  it('gives a value that was measured, also of few', () => {
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([3, 9], 0.5)).toBe(3);
    expect(percentile([3, 9], 0)).toBe(3);
  });

  it('sorts by value and not as text', () => {
    expect(percentile([10, 9, 100], 0.5)).toBe(10);
  });

  it('is no number when nothing was measured', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('median', () => {
  it('is the middle value, or between the two in the middle', () => {
    expect(median([30, 1, 2])).toBe(2);
    expect(median([10, 2, 4, 1])).toBe(3);
    expect(median([])).toBeNaN();
  });
});

describe('mean', () => {
  it('weighs all values the same', () => {
    expect(mean([1, 2, 6])).toBe(3);
  });
});
