import { createHash } from 'node:crypto';
import { ArweaveSigner, bundleAndSignData, createData, type DataItem } from 'arbundles';
import { testWallet } from './wallet.ts';

/** What tells that an item's payload is a bundle. */
export const BUNDLE_TAGS = [
  { name: 'Bundle-Format', value: 'binary' },
  { name: 'Bundle-Version', value: '2.0.0' },
];

/** Makes items and bundles as other people's software does. */
export class Bundler {
  readonly #signer: ArweaveSigner;

  private constructor(signer: ArweaveSigner) {
    this.#signer = signer;
  }

  static async open(): Promise<Bundler> {
    return new Bundler(new ArweaveSigner((await testWallet()) as never));
  }

  /** A signed item. */
  async item(data: Uint8Array | string, tags: { name: string; value: string }[] = []): Promise<DataItem> {
    const item = createData(typeof data === 'string' ? data : Buffer.from(data), this.#signer, { tags });
    await item.sign(this.#signer);
    return item;
  }

  /** The bytes of a bundle of signed items. */
  async bundle(items: DataItem[]): Promise<Buffer> {
    return (await bundleAndSignData(items, this.#signer)).getRaw();
  }

  /** An item whose payload is a bundle of the given ones. */
  async carrier(items: DataItem[]): Promise<DataItem> {
    return this.item(await this.bundle(items), BUNDLE_TAGS);
  }
}

/** A bundle of many small items that nobody signed: where signatures do not matter, making them would take minutes. */
export function unsignedBundle(count: number): { bytes: Buffer; ids: Buffer[] } {
  const ids: Buffer[] = [];
  const entries: Buffer[] = [];
  const items: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const bytes = Buffer.alloc(2 + 64 + 32 + 2 + 16 + 5);
    bytes.writeUInt16LE(2, 0);
    bytes.writeUInt32LE(index, 2);
    const id = createHash('sha256').update(bytes.subarray(2, 66)).digest();
    const length = Buffer.alloc(32);
    length.writeUInt32LE(bytes.length);
    ids.push(id);
    entries.push(length, id);
    items.push(bytes);
  }
  const head = Buffer.alloc(32);
  head.writeUInt32LE(count);
  return { bytes: Buffer.concat([head, ...entries, ...items]), ids };
}
