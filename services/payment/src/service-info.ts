import type { Config } from '@bundler/contract';
import { API_VERSION } from './app.ts';
import type { Chain } from './chains/chain.ts';
import type { PaymentInfo } from './routes/info.ts';

/** What `GET /info` answers. */
export function serviceInfo(
  config: Pick<Config, 'publicGateway'>,
  chains: ReadonlyMap<string, Pick<Chain, 'wallet'>>,
): PaymentInfo {
  const gateway = new URL(config.publicGateway).host;
  return {
    version: API_VERSION,
    addresses: Object.fromEntries([...chains].map(([token, { wallet }]) => [token, wallet])),
    gateway,
    gateways: [gateway],
  };
}
