import type { X402NetworkName } from '@bundler/contract';

/** What can be paid with on one network: USDC, whose payers sign a transfer of theirs. */
export interface X402Network {
  /** How it is called where payments are listed, and fees are. */
  readonly token: string;
  /** The contract of the asset. */
  readonly asset: string;
  /** What wallets have to sign the asset's name and version as. */
  readonly name: string;
  readonly version: string;
}

/** Digits of the smallest unit of USDC, and its name where rates are told. */
export const USDC = { decimals: 6, rateOf: 'usd-coin' } as const;

/** Circle's own contracts; their names differ between networks. */
export const x402Networks: Readonly<Record<X402NetworkName, X402Network>> = {
  base: {
    token: 'base-usdc',
    asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    name: 'USD Coin',
    version: '2',
  },
  'base-sepolia': {
    token: 'base-sepolia-usdc',
    asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
    name: 'USDC',
    version: '2',
  },
  polygon: {
    token: 'polygon-usdc',
    asset: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359',
    name: 'USD Coin',
    version: '2',
  },
};
