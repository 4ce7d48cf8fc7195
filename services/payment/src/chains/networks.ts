import type { EvmToken } from './evm-chain.ts';

/** A network of Ethereum's kind, and what is taken on it. */
interface EvmNetwork {
  readonly chainId: number;
  readonly coin: EvmToken;
  readonly usdc: EvmToken;
}

/** What tells the chains apart. */
export interface Networks {
  readonly evm: Readonly<Record<EvmNetworkName, EvmNetwork>>;
  readonly solana: { readonly genesis: string };
  readonly kyve: { readonly chainId: string; readonly denom: string };
}
export type EvmNetworkName = 'ethereum' | 'base' | 'polygon';

const evm = (chainId: number, token: string, rateOf: string, usdc: string, contract: string): EvmNetwork => ({
  chainId,
  coin: { token, decimals: 18, rateOf },
  usdc: { token: usdc, decimals: 6, rateOf: 'usd-coin', contract },
});

/** The chains whose coins are money. */
export const mainNetworks: Networks = {
  evm: {
    ethereum: evm(1, 'ethereum', 'ethereum', 'usdc', '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'),
    base: evm(8453, 'base-eth', 'ethereum', 'base-usdc', '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'),
    polygon: evm(137, 'matic', 'polygon-ecosystem-token', 'polygon-usdc', '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359'),
  },
  solana: { genesis: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d' },
  kyve: { chainId: 'kyve-1', denom: 'ukyve' },
};

/** Sepolia, Base Sepolia, Amoy, Solana's devnet and Kaon. Their coins are worth nothing. */
export const testNetworks: Networks = {
  evm: {
    ethereum: evm(11_155_111, 'ethereum', 'ethereum', 'usdc', '0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238'),
    base: evm(84_532, 'base-eth', 'ethereum', 'base-usdc', '0x036CbD53842c5426634e7929541eC2318f3dCF7e'),
    polygon: evm(
      80_002,
      'matic',
      'polygon-ecosystem-token',
      'polygon-usdc',
      '0x41E94Eb019C0762f9Bfcf9Fb1E58725BfB0e7582',
    ),
  },
  solana: { genesis: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG' },
  kyve: { chainId: 'kaon-1', denom: 'tkyve' },
};
