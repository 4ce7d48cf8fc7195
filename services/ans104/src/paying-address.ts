import type { DataItemHeader } from './header.ts';
import { signatureTypes } from './signatures/registry.ts';

/**
 * The address that an item's signer is known by where they pay. KYVE's users sign as Ethereum's do; only what they pay
 * with says that it is KYVE's form of the address.
 *
 * @param token what the signer pays with, as the path of a request says
 */
export function payingAddress(
  { signatureType, owner }: Pick<DataItemHeader, 'signatureType' | 'owner'>,
  token: string | undefined,
): string {
  const payer = signatureType === 3 && token === 'kyve' ? 101 : signatureType;
  return signatureTypes[payer].nativeAddress(owner);
}
