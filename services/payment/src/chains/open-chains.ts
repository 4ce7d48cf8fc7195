import type { Config } from '@bundler/contract';
import { ArweaveChain } from './arweave-chain.ts';
import type { Chain } from './chain.ts';

type ChainConfig = Pick<Config, 'arweaveGateway' | 'paymentArweaveWallet' | 'paymentArweaveConfirmations'>;

/** How long a chain may take to answer: a client waits for it, milliseconds. */
const TIMEOUT_MS = 8000;

/** The tokens that are taken: those for which a wallet of ours is named. By their name. */
export function openChains(config: ChainConfig): ReadonlyMap<string, Chain> {
  const chains: Chain[] = [];
  if (config.paymentArweaveWallet !== '') {
    chains.push(
      new ArweaveChain({
        gateway: config.arweaveGateway,
        wallet: config.paymentArweaveWallet,
        minConfirmations: config.paymentArweaveConfirmations,
        timeoutMs: TIMEOUT_MS,
      }),
    );
  }
  return new Map(chains.map((chain) => [chain.token, chain]));
}
