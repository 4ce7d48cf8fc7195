import fc from 'fast-check';
import { parties } from '../vectors/parties.ts';
import {
  closeSignatureThread,
  createDataItem,
  DataItemError,
  MAX_HEADER_BYTES,
  parseDataItemHeader,
  signatureTypes,
  verifyDataItem,
} from './index.ts';

afterAll(closeSignatureThread);

async function isRefused(bytes: Uint8Array): Promise<boolean> {
  try {
    return !(await verifyDataItem(bytes)).valid;
  } catch (error) {
    if (error instanceof DataItemError) return true;
    throw error;
  }
}

/** Places where a damaged copy is still taken; there must be none. */
async function findTaken(places: number, damage: (place: number) => Uint8Array): Promise<number[]> {
  const refused = await Promise.all(Array.from({ length: places }, (_, place) => isRefused(damage(place))));
  return refused.flatMap((wasRefused, place) => (wasRefused ? [] : [place]));
}

describe.each(parties)('an item of type $name', ({ ours }) => {
  const anchor = Buffer.alloc(32, 3);
  const make = (): Promise<Buffer> =>
    createDataItem({ signer: ours, data: Buffer.from('payload'), tags: [{ name: 'a', value: 'bc' }], anchor });

  it.each([0x01, 0x20, 0xff])('is refused whichever byte is changed by %i', async (mask) => {
    const item = await make();
    const damaged = (place: number): Uint8Array => item.map((byte, index) => (index === place ? byte ^ mask : byte));
    expect(await isRefused(item)).toBe(false);
    expect(await findTaken(item.length, damaged)).toEqual([]);
  });

  it('is refused wherever it is cut off', async () => {
    const item = await make();
    expect(await findTaken(item.length, (place) => item.subarray(0, place))).toEqual([]);
  });

  it('is refused with a byte more', async () => {
    expect(await isRefused(Buffer.concat([await make(), Buffer.alloc(1)]))).toBe(true);
  });
});

describe('bytes that nobody meant as an item', () => {
  const types = fc.constantFrom(...Object.keys(signatureTypes).map(Number));
  const noise = fc.uint8Array({ minLength: MAX_HEADER_BYTES, maxLength: MAX_HEADER_BYTES, size: 'max' });

  it('are refused with an error of ours once there are enough of them', () => {
    fc.assert(
      fc.property(types, noise, (type, bytes) => {
        const item = Buffer.concat([Uint8Array.of(type, 0), bytes]);
        try {
          expect(parseDataItemHeader(item)).toBeDefined();
        } catch (error) {
          expect(error).toBeInstanceOf(DataItemError);
        }
      }),
    );
  });
});
