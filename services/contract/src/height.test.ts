import { heightAt } from './height.ts';

describe('height, extrapolated', () => {
  const tip = { height: 1000, observedAt: 5_000_000 };
  it.each([
    ['is the height seen, right after it was seen', 0, 1000],
    ['grows by one block every two minutes', 120_000, 1001],
    ['rounds down', 239_999, 1001],
    ['never goes back when the clock does', -60_000, 1000],
  ])('%s', (_, elapsed, height) => {
    expect(heightAt(tip, tip.observedAt + elapsed)).toBe(height);
  });
});
