import { pick, seededRandom, shuffled } from './seeded-random.ts';

const take = (seed: number, count: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random());
};

describe('seeded random numbers', () => {
  it('are the same for the same seed and others for another', () => {
    expect(take(7, 5)).toEqual(take(7, 5));
    expect(take(7, 5)).not.toEqual(take(8, 5));
  });

  it('pick every value about equally often', () => {
    const random = seededRandom(1);
    const counts = { a: 0, b: 0, c: 0, d: 0 };
    for (let round = 0; round < 4000; round += 1) counts[pick(random, ['a', 'b', 'c', 'd'] as const)] += 1;
    for (const count of Object.values(counts)) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('shuffle: every value once, and any order comes up', () => {
    const random = seededRandom(2);
    const orders = Array.from({ length: 200 }, () => shuffled(random, ['a', 'b', 'c']).join(''));
    expect([...new Set(orders)].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  });
});
