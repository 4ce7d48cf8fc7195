import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { decimal } from '../ledger/decimal.ts';
import { Prices } from './prices.ts';
import { CoinGeckoRates, type Rates } from './rates.ts';

describe('rates', () => {
  let server: Server;
  let told: unknown;
  let provider: CoinGeckoRates;
  beforeAll(async () => {
    server = createServer((_request, response) => response.end(JSON.stringify(told)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    provider = new CoinGeckoRates(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 5000);
  });
  afterAll(() => void server.close());

  const pricesOf = (rates: Rates): Prices =>
    new Prices({
      oracle: { priceOf: async () => 1n },
      rates: { current: async () => rates },
      adjustments: { of: async () => [] },
    });
  const solana = { decimals: 9, rateOf: 'solana' };

  it('of a token that nobody knows stop that token only', async () => {
    told = { arweave: { usd: 10 }, solana: { usd: 100 }, 'kyve-network': { usd: 0 } };
    const prices = pricesOf(await provider.fetch(['arweave', 'solana', 'kyve-network'], ['usd']));
    expect((await prices.worthOf(solana))(10n ** 9n)).toBe(10n ** 13n);
    const kyve = prices.worthOf({ decimals: 6, rateOf: 'kyve-network' });
    await expect(kyve).rejects.toMatchObject({ code: 'price_unavailable' });
  });

  it('are none without that of AR', async () => {
    told = { arweave: { usd: 10 }, solana: { usd: 100, eur: 90 } };
    await expect(provider.fetch(['arweave', 'solana'], ['usd', 'eur'])).rejects.toThrow('none of arweave in eur');
  });

  it('never make a quantity worth more than it is, however many digits it has', async () => {
    const cents = fc.integer({ min: 1, max: 10 ** 9 });
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt(0n, 10n ** 30n),
        fc.integer({ min: 0, max: 18 }),
        cents,
        cents,
        async (quantity, decimals, usd, ar) => {
          const price = (value: number) => ({ usd: decimal((value / 100).toFixed(2)) });
          const worth = await pricesOf({ arweave: price(ar), t: price(usd) }).worthOf({ decimals, rateOf: 't' });
          const winc = worth(quantity);
          // winc * ar <= quantity * usd * 10^12 / 10^decimals < (winc + 1) * ar
          const [left, right] = [BigInt(ar) * 10n ** BigInt(decimals), quantity * BigInt(usd) * 10n ** 12n];
          expect(winc * left <= right && right < (winc + 1n) * left).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
