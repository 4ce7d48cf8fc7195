import type { ArweaveNetwork } from '@bundler/adapters';
import { Kept, type KeptOptions } from './kept.ts';
import { prorated, REFERENCE_BYTES } from './prorate.ts';

interface Options extends Omit<KeptOptions<bigint>, 'name' | 'ask'> {
  readonly network: Pick<ArweaveNetwork, 'price'>;
}

/** What storage costs, from the price of one large size. */
export class PriceOracle {
  /** The price that all others are computed from. */
  readonly reference: Kept<bigint>;

  constructor({ network, ...options }: Options) {
    this.reference = new Kept({ ...options, name: 'price', ask: () => ask(network) });
  }

  /** Winston for storing that many bytes. @throws ApiError `price_unavailable` */
  async priceOf(byteCount: number): Promise<bigint> {
    return prorated(await this.reference.current(), byteCount);
  }
}

async function ask(network: Options['network']): Promise<bigint> {
  const price = await network.price(REFERENCE_BYTES);
  if (price <= 0n) throw new Error(`the gateway's price for ${REFERENCE_BYTES} bytes is ${price}`);
  return price;
}
