import fc from 'fast-check';
import { leastQuantity, withMargin } from './requirements.ts';

describe('what is asked for by x402', () => {
  it('is the least quantity that is worth the price, whatever the rate and the fees', () => {
    const bits = { min: 1n, max: 10n ** 9n };
    fc.assert(
      fc.property(fc.bigInt(bits), fc.bigInt(bits), fc.bigInt(bits), fc.bigInt(bits), (price, rate, per, fee) => {
        const worth = (quantity: bigint): bigint => {
          const left = (quantity * rate) / per - fee;
          return left > 0n ? left : 0n;
        };
        // The dearest of these costs 2 × 10^18.
        const quantity = leastQuantity(price, worth, 10n ** 19n)!;
        expect(worth(quantity)).toBeGreaterThanOrEqual(price);
        if (quantity > 0n) expect(worth(quantity - 1n)).toBeLessThan(price);
      }),
    );
  });

  it('is nothing where no quantity is worth so much', () => {
    expect(leastQuantity(11n, (quantity) => quantity, 10n)).toBeUndefined();
  });

  it('has a margin of a twentieth, rounded up', () => {
    expect([withMargin(0n), withMargin(1n), withMargin(100n), withMargin(101n)]).toEqual([0n, 2n, 105n, 107n]);
  });
});
