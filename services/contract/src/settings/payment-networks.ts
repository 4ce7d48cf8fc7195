import { setting } from './define.ts';
import { boolean, integer, list, text } from './kinds.ts';

const roles = ['payment'] as const;

/** Where a network's node is asked. Such URLs often hold a key, so each is a secret. */
const nodeUrl = (env: string, whose: string) =>
  setting({
    env,
    path: null,
    kind: text(),
    default: '',
    doc: `URL of ${whose}. Required where PAYMENT_NETWORKS names that network.`,
    roles,
    secret: true,
  });

/** Tokens of other chains than Arweave that credits are sold for. */
export const paymentNetworks = {
  paymentNetworks: setting({
    env: 'PAYMENT_NETWORKS',
    path: 'payment.networks',
    kind: list({
      pattern: '^(ethereum|base|polygon|solana|kyve)$',
      must: 'ethereum, base, polygon, solana, kyve',
    }),
    default: [],
    doc: "Networks whose tokens are taken for credits: ETH and USDC of ethereum and base, POL and USDC of polygon, SOL, KYVE. Each needs a wallet and the URL of a node in the payment service's Secret.",
    roles,
  }),
  paymentTestNetworks: setting({
    env: 'PAYMENT_TEST_NETWORKS',
    path: 'payment.testNetworks',
    kind: boolean(),
    default: false,
    doc: "Whether their test networks are meant instead: Sepolia, Base Sepolia, Amoy, Solana's devnet, Kaon. Credits are then sold for coins that are worth nothing.",
    roles,
  }),
  paymentEvmWallet: setting({
    env: 'PAYMENT_EVM_ADDRESS',
    path: 'payment.evm.address',
    kind: text({ form: { pattern: '^(0x[0-9a-fA-F]{40})?$', must: 'an address of Ethereum' } }),
    default: '',
    doc: 'Wallet that takes the tokens of ethereum, base and polygon. The service needs no key of it.',
    roles,
  }),
  paymentEvmConfirmations: setting({
    env: 'EVM_MIN_CONFIRMATIONS',
    path: 'payment.evm.confirmations',
    kind: integer({ min: 1, max: 1000 }),
    default: 12,
    doc: 'Confirmations after which a transaction on these is credited.',
    roles,
  }),
  paymentSolanaWallet: setting({
    env: 'PAYMENT_SOLANA_ADDRESS',
    path: 'payment.solanaAddress',
    kind: text({ form: { pattern: '^([1-9A-HJ-NP-Za-km-z]{32,44})?$', must: 'an address of Solana' } }),
    default: '',
    doc: 'Wallet that takes SOL.',
    roles,
  }),
  paymentKyveWallet: setting({
    env: 'PAYMENT_KYVE_ADDRESS',
    path: 'payment.kyveAddress',
    kind: text({ form: { pattern: '^(kyve1[02-9ac-hj-np-z]{38})?$', must: 'an address of KYVE' } }),
    default: '',
    doc: 'Wallet that takes KYVE.',
    roles,
  }),
  ethereumRpcUrl: nodeUrl('ETHEREUM_RPC_URL', 'the JSON-RPC of a node of Ethereum'),
  baseRpcUrl: nodeUrl('BASE_RPC_URL', 'the JSON-RPC of a node of Base'),
  polygonRpcUrl: nodeUrl('POLYGON_RPC_URL', 'the JSON-RPC of a node of Polygon'),
  solanaRpcUrl: nodeUrl('SOLANA_RPC_URL', 'the JSON-RPC of a node of Solana'),
  kyveApiUrl: nodeUrl('KYVE_API_URL', 'the REST API of a node of KYVE'),
};
