import { createHash } from 'node:crypto';
import { createDataItem, ed25519Signer, encodeBundleHeader, MAX_HEADER_BYTES } from '@bundler/ans104';
import { growPool, namedItems, sampleBadItems } from '@bundler/ans104/fuzz';
import { type Unbundled, unbundle } from './unbundle.ts';

const signer = ed25519Signer(Buffer.alloc(32, 5));
const idOf = (bytes: Buffer): Buffer => createHash('sha256').update(bytes.subarray(2, 66)).digest();

/** Reads a bundle that is in memory; notes the most that was asked for at once. */
function readerOf(bundle: Buffer, size = bundle.length): { bytes: typeof read; largest: number } {
  const reader = { bytes: read, largest: 0 };
  async function read(start: number, end: number): Promise<Buffer> {
    if (start < 0 || end > size) throw new Error(`asked for ${start} to ${end} of ${size} bytes`);
    reader.largest = Math.max(reader.largest, end - start);
    // What the bundle is said to have beyond what a test holds is zeros.
    return Buffer.concat([
      bundle.subarray(start, end),
      Buffer.alloc(Math.max(0, end - Math.max(start, bundle.length))),
    ]);
  }
  return reader;
}

async function allOf(reader: ReturnType<typeof readerOf>, size: number): Promise<Unbundled[]> {
  const found: Unbundled[] = [];
  for await (const one of unbundle(reader, 'bundle', size)) found.push(one);
  return found;
}

function number32(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

describe('a bundle on the network', () => {
  it('gives its good items, whatever the bad ones between them are', async () => {
    const pool = await growPool();
    const bad = [...namedItems(pool), ...(await sampleBadItems(pool, 2000))].map(({ bytes }) => bytes);
    const good = await Promise.all(
      Array.from({ length: 20 }, (_, index) => createDataItem({ signer, data: Buffer.alloc(index + 1) })),
    );
    const items = bad.flatMap((bytes, index) =>
      index % 100 === 0 && good[index / 100] ? [good[index / 100]!, bytes] : [bytes],
    );
    const table = items.map((bytes, index) => ({
      id: good.includes(bytes) ? idOf(bytes) : Buffer.alloc(32, index % 251),
      byteCount: bytes.length,
    }));
    const bundle = Buffer.concat([encodeBundleHeader(table), ...items]);
    const reader = readerOf(bundle);
    const found = await allOf(reader, bundle.length);
    expect(found).toHaveLength(items.length);
    const taken = found.filter((one) => !('problem' in one)).map(({ id }) => id);
    expect(taken).toEqual(
      items.filter((bytes) => good.includes(bytes)).map((bytes) => idOf(bytes).toString('base64url')),
    );
    expect(reader.largest).toBeLessThan(4 * (encodeBundleHeader(table).length + MAX_HEADER_BYTES));
  });

  it.each([1n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 255n, 2n ** 256n - 1n])(
    'is refused when it declares %s items, or an item of as many bytes, that it has no room for',
    async (lie) => {
      const counted = number32(lie);
      await expect(allOf(readerOf(counted), counted.length)).rejects.toThrow(/declares|ends within/);
      const sized = Buffer.concat([number32(1n), number32(lie), Buffer.alloc(32)]);
      await expect(allOf(readerOf(sized), sized.length)).rejects.toThrow(/declares|says/);
    },
  );

  it('is refused when its table alone would fill the memory, before the table is read', async () => {
    const size = 2 ** 40;
    const reader = readerOf(number32(2n ** 30n), size);
    await expect(allOf(reader, size)).rejects.toThrow('declares 1073741824 items');
    expect(reader.largest).toBeLessThanOrEqual(65_536);
  });

  it.each([0, 31])('is refused when it has %i bytes', async (size) => {
    await expect(allOf(readerOf(Buffer.alloc(size)), size)).rejects.toThrow('ends within its table');
  });
});
