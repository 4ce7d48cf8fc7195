import type { DataItemHeader } from './header.ts';
import { signatureTypes } from './signatures/registry.ts';

/** Who pays for an item: what with, and by which address they are known there. */
export interface ItemPayer {
  readonly token: string;
  readonly nativeAddress: string;
}

/**
 * Who pays for an item: its signer, by the address that they are known by where they pay. KYVE's users sign as Ethereum's do; only what they pay
 * with says that it is KYVE's form of the address.
 *
 * @param token what the signer pays with, as the path of a request says
 */
export function payerOf(
  { signatureType, owner }: Pick<DataItemHeader, 'signatureType' | 'owner'>,
  token: string | undefined,
): ItemPayer {
  const payer = signatureTypes[signatureType === 3 && token === 'kyve' ? 101 : signatureType];
  return { token: payer.name, nativeAddress: payer.nativeAddress(owner) };
}
