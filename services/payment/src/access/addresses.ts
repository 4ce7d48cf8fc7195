import { checksumAddress } from '@bundler/ans104';

const ARWEAVE = /^[A-Za-z0-9_-]{43}$/;
const ETHEREUM = /^0x[0-9a-fA-F]{40}$/;
const SOLANA = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/;
const KYVE = /^kyve1[02-9ac-hj-np-z]{38}$/;

/**
 * An address in the one form in which balances are kept: that of Ethereum with its checksum, the others as they are.
 * Undefined for what is no address of any chain.
 */
export function normalAddress(text: string): string | undefined {
  if (ETHEREUM.test(text)) return checksumAddress(Buffer.from(text.slice(2), 'hex'));
  return ARWEAVE.test(text) || SOLANA.test(text) || KYVE.test(text) ? text : undefined;
}
