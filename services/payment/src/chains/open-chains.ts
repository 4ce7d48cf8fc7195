import type { Config } from '@bundler/contract';
import type { Logger, Tracing } from '@bundler/runtime';
import { ArweaveChain } from './arweave-chain.ts';
import type { Node } from './ask-json.ts';
import { type Chain, WrongChain } from './chain.ts';
import { EvmChain, EvmNode } from './evm-chain.ts';
import { KyveChain } from './kyve-chain.ts';
import { type EvmNetworkName, mainNetworks, type Networks, testNetworks } from './networks.ts';
import { SolanaChain } from './solana-chain.ts';

type ChainConfig = Pick<
  Config,
  | 'arweaveGateway'
  | 'paymentArweaveWallet'
  | 'paymentArweaveConfirmations'
  | 'paymentNetworks'
  | 'paymentTestNetworks'
  | 'paymentEvmWallet'
  | 'paymentEvmConfirmations'
  | 'paymentSolanaWallet'
  | 'paymentKyveWallet'
  | 'ethereumRpcUrl'
  | 'baseRpcUrl'
  | 'polygonRpcUrl'
  | 'solanaRpcUrl'
  | 'kyveApiUrl'
>;

/** How long a chain may take to answer: a client waits for it, milliseconds. */
const TIMEOUT_MS = 8000;
/** Polygon's coin has two names; both mean one chain, so that its transactions are credited once. */
const ALIASES: Readonly<Record<string, string>> = { pol: 'matic' };

/** The tokens that are taken, by their name: AR where a wallet of ours is named, and those of the networks that are on. */
export function openChains(config: ChainConfig, tracing?: Tracing): ReadonlyMap<string, Chain> {
  const networks = config.paymentTestNetworks ? testNetworks : mainNetworks;
  const nodeAt = (setting: string, url: string): Node => ({
    url: urlOfNode(setting, url),
    timeoutMs: TIMEOUT_MS,
    tracing,
  });
  const chains: Chain[] = [
    ...arweave(config),
    ...config.paymentNetworks.flatMap((name) => openers[name as NetworkName](config, networks, nodeAt)),
  ];
  const byToken = new Map(chains.map((chain) => [chain.token, chain]));
  for (const [alias, token] of Object.entries(ALIASES)) {
    const chain = byToken.get(token);
    if (chain) byToken.set(alias, chain);
  }
  return byToken;
}

/**
 * Asks every node which chain it tells of. One that cannot be asked now is asked again before anything is believed that it
 * says. @throws WrongChain
 */
export async function verifyChains(chains: Iterable<Chain>, logger: Pick<Logger, 'warn'>): Promise<void> {
  const verify = async (chain: Chain): Promise<void> => {
    await chain.verify().catch((error: unknown) => {
      if (error instanceof WrongChain) throw error;
      logger.warn(
        { err: error, token: chain.token },
        'the chain cannot be asked yet; nothing is credited until it can',
      );
    });
  };
  await Promise.all([...new Set(chains)].map(verify));
}

function arweave(config: ChainConfig): Chain[] {
  if (config.paymentArweaveWallet === '') return [];
  const chain = new ArweaveChain({
    gateway: config.arweaveGateway,
    wallet: config.paymentArweaveWallet,
    minConfirmations: config.paymentArweaveConfirmations,
    timeoutMs: TIMEOUT_MS,
  });
  return [chain];
}

type NetworkName = EvmNetworkName | 'solana' | 'kyve';
type Opener = (config: ChainConfig, networks: Networks, nodeAt: (setting: string, url: string) => Node) => Chain[];

const openers: Readonly<Record<NetworkName, Opener>> = {
  ethereum: (config, networks, nodeAt) =>
    evm('ethereum', nodeAt('ETHEREUM_RPC_URL', config.ethereumRpcUrl), config, networks),
  base: (config, networks, nodeAt) => evm('base', nodeAt('BASE_RPC_URL', config.baseRpcUrl), config, networks),
  polygon: (config, networks, nodeAt) =>
    evm('polygon', nodeAt('POLYGON_RPC_URL', config.polygonRpcUrl), config, networks),
  solana: ({ paymentSolanaWallet: wallet, solanaRpcUrl }, { solana }, nodeAt) => [
    new SolanaChain({ ...solana, node: nodeAt('SOLANA_RPC_URL', solanaRpcUrl), wallet }),
  ],
  kyve: ({ kyveApiUrl, paymentKyveWallet: wallet }, { kyve }, nodeAt) => [
    new KyveChain({ ...kyve, node: nodeAt('KYVE_API_URL', kyveApiUrl), wallet }),
  ],
};

function evm(name: EvmNetworkName, node: Node, config: ChainConfig, networks: Networks): Chain[] {
  const { chainId, coin, usdc } = networks.evm[name];
  const options = {
    network: new EvmNode(name, chainId, node),
    wallet: config.paymentEvmWallet,
    minConfirmations: config.paymentEvmConfirmations,
  };
  return [coin, usdc].map((token) => new EvmChain(token, options));
}

/** @throws Error that does not repeat the URL: it may hold a key */
function urlOfNode(setting: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '') {
    throw new Error(`${setting} must be an http or https URL without a user name`);
  }
  return url;
}
