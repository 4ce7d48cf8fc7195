import { scaleOf } from './signing-scale.ts';

describe('the scale of a machine', () => {
  it.each([
    [1300, 1],
    [1000, 1],
    [999, 0.99],
    [500, 0.5],
    [3, 0.01],
    [0, 0.01],
  ])('that signs %d receipts a second is %d', (signatures, scale) => {
    expect(scaleOf(signatures)).toBe(scale);
  });
});
