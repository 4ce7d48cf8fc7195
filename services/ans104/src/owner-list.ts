import { normalizedAddress } from './address.ts';
import type { DataItemHeader } from './header.ts';
import { signatureTypes } from './signatures/registry.ts';

type Signed = Pick<DataItemHeader, 'signatureType' | 'owner'>;

/** Whether the signer of an item is one of those that a setting names, which may change while the process runs. */
export class OwnerList {
  readonly #entries: () => readonly string[];
  #known: readonly string[] | undefined;
  #addresses: ReadonlySet<string> = new Set();

  /** @param entries addresses in Arweave's form or in that of the signer's own chain */
  constructor(entries: () => readonly string[]) {
    this.#entries = entries;
  }

  has(signed: Signed): boolean {
    const entries = this.#entries();
    if (entries.length === 0) return false;
    if (entries !== this.#known) {
      this.#addresses = new Set(entries.map(uncased));
      this.#known = entries;
    }
    return addressesOf(signed).some((address) => this.#addresses.has(uncased(address)));
  }
}

/** The signers of any of several lists. */
export function anyOf(...lists: readonly Pick<OwnerList, 'has'>[]): Pick<OwnerList, 'has'> {
  return { has: (signed) => lists.some((list) => list.has(signed)) };
}

/**
 * Every address that a signer is known by. A key of Ethereum's curve signs as type 3, 101 and 7: whoever is listed by one of
 * these addresses must not get around that by signing as another type.
 */
function addressesOf({ signatureType, owner }: Signed): string[] {
  const normalized = normalizedAddress(owner);
  if (signatureType === 7) return [normalized, owner.toString('latin1')];
  const types = signatureType === 3 || signatureType === 101 ? ([3, 101] as const) : [signatureType];
  return [normalized, ...types.map((type) => signatureTypes[type].nativeAddress(owner))];
}

/** Ethereum's addresses are the same in any case of their letters; all others are not. */
const uncased = (address: string): string => (/^0x/i.test(address) ? address.toLowerCase() : address);
