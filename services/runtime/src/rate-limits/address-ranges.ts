import { BlockList, isIPv6 } from 'node:net';

/** Whether an address lies in one of the ranges of a setting, which may change while the process runs. */
export class AddressRanges {
  readonly #entries: () => readonly string[];
  #known: readonly string[] | undefined;
  #list = new BlockList();

  constructor(entries: () => readonly string[]) {
    this.#entries = entries;
  }

  get isEmpty(): boolean {
    return this.#entries().length === 0;
  }

  has(address: string): boolean {
    const entries = this.#entries();
    if (entries.length === 0 || address === '') return false;
    if (entries !== this.#known) {
      this.#list = listOf(entries);
      this.#known = entries;
    }
    return this.#list.check(address, family(address));
  }
}

function listOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    if (prefix === undefined) list.addAddress(address, family(address));
    else list.addSubnet(address, Number(prefix), family(address));
  }
  return list;
}

const family = (address: string): 'ipv6' | 'ipv4' => (isIPv6(address) ? 'ipv6' : 'ipv4');
