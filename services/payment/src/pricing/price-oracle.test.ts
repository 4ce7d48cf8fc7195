import { createLogger } from '@bundler/runtime';
import fc from 'fast-check';
import { PriceOracle } from './price-oracle.ts';
import { prorated, REFERENCE_BYTES } from './prorate.ts';

const TTL_MS = 1000;
const MAX_AGE_MS = 5000;

/** A gateway that says what it is told to. */
function setup() {
  const gateway = { price: (10n ** 12n) as bigint | Error, asked: 0 };
  const clock = { now: 0 };
  const oracle = new PriceOracle({
    network: {
      price: async () => {
        gateway.asked += 1;
        if (gateway.price instanceof Error) throw gateway.price;
        return gateway.price;
      },
    },
    ttlMs: () => TTL_MS,
    maxAgeMs: () => MAX_AGE_MS,
    now: () => clock.now,
    logger: createLogger('test', 'silent'),
  });
  return { clock, gateway, oracle };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the price of storage', () => {
  it('is asked for once for many, and again only when it has become old', async () => {
    const { clock, gateway, oracle } = setup();
    const prices = await Promise.all(Array.from({ length: 10 }, () => oracle.priceOf(REFERENCE_BYTES)));
    expect(new Set(prices)).toEqual(new Set([10n ** 12n]));
    expect(gateway.asked).toBe(1);
    clock.now = TTL_MS;
    gateway.price = 2n * 10n ** 12n;
    // Nobody waits for the new one.
    expect(await oracle.priceOf(REFERENCE_BYTES)).toBe(10n ** 12n);
    await settled();
    expect([await oracle.priceOf(REFERENCE_BYTES), gateway.asked]).toEqual([2n * 10n ** 12n, 2]);
  });

  it('stays while the gateway says nothing, and then is told no more', async () => {
    const { clock, gateway, oracle } = setup();
    await oracle.priceOf(1);
    gateway.price = new Error('away');
    clock.now = MAX_AGE_MS - 1;
    expect(await oracle.priceOf(REFERENCE_BYTES)).toBe(10n ** 12n);
    clock.now = MAX_AGE_MS;
    await expect(oracle.priceOf(1)).rejects.toMatchObject({ code: 'price_unavailable', status: 503 });
    gateway.price = 7n;
    expect(await oracle.priceOf(REFERENCE_BYTES)).toBe(7n);
  });

  it('is never taken from a gateway that says that storage is free', async () => {
    const { gateway, oracle } = setup();
    gateway.price = 0n;
    await expect(oracle.priceOf(1)).rejects.toMatchObject({ code: 'price_unavailable' });
  });

  it('is at least one for one byte, never less for more, and exact for any size', () => {
    const size = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    const reference = fc.bigInt({ min: 1n, max: 10n ** 20n });
    fc.assert(
      fc.property(reference, size, size, (price, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(prorated(price, less)).toBeGreaterThan(0n);
        expect(prorated(price, less)).toBeLessThanOrEqual(prorated(price, more));
        const rest = prorated(price, a) * BigInt(REFERENCE_BYTES) - price * BigInt(a);
        expect(rest >= 0n && rest < BigInt(REFERENCE_BYTES)).toBe(true);
      }),
      { seed: 104 },
    );
  });
});
