import type { Wallet } from '@bundler/adapters';
import type { Config, Info } from '@bundler/contract';

/** The version of the API, as clients of this family of services know it. */
const API_VERSION = '0.2.0';

/** What `GET /info` answers. */
export function serviceInfo(
  config: Pick<Config, 'publicGateway' | 'freeUploadLimit'>,
  wallet: Pick<Wallet, 'address'>,
): Info {
  const gateway = new URL(config.publicGateway).host;
  return {
    version: API_VERSION,
    addresses: { arweave: wallet.address },
    gateway,
    gateways: [gateway],
    freeUploadLimitBytes: config.freeUploadLimit,
  };
}
