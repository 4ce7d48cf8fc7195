import { randomBytes } from 'node:crypto';
import { type KnownItem, ObjectNotFound, type Payer } from '@bundler/adapters';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import { examineParts } from './examine.ts';

const CHUNK = 1000;
const upload = { token: null, overFreeQuota: false, paidBy: [] };
const signer = ed25519Signer(randomBytes(32));

/** Parts of these bytes, and how many of them were read. */
function inParts(bytes: Buffer, lost?: number) {
  const parts = Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, index) => {
    const offset = index * CHUNK;
    return { id: `${index}`, offset, byteCount: Math.min(CHUNK, bytes.length - offset), objectKey: `parts/${index}` };
  });
  const read: string[] = [];
  const store = {
    async *readTransient(key: string, start: number, end: number): AsyncIterable<Buffer> {
      read.push(key);
      const part = parts.find(({ objectKey }) => objectKey === key)!;
      if (part.offset === lost) throw new ObjectNotFound(key);
      yield bytes.subarray(part.offset + start, part.offset + end);
    },
  };
  return { parts, read, store };
}

function options(
  store: ReturnType<typeof inParts>['store'],
  facts: { rich?: boolean; known?: boolean; failed?: boolean; blocked?: boolean; max?: number } = {},
) {
  const { rich = true, known = false, failed = false, blocked = false, max = 1_000_000 } = facts;
  const asked: [string, number][] = [];
  return {
    asked,
    store,
    items: {
      findKnown: async (ids: readonly Buffer[]) =>
        new Map(known ? ids.map((id) => [id.toString('base64url'), { id, failed } as KnownItem]) : []),
    },
    payment: {
      canAfford: async ({ nativeAddress }: Payer, byteCount: number) => {
        asked.push([nativeAddress, byteCount]);
        return rich;
      },
    },
    blockedOwners: { has: () => blocked },
    config: { maxDataItemSize: max },
  };
}

describe('the parts of an upload', () => {
  let item: Buffer;
  beforeAll(async () => {
    item = await createDataItem({ signer, data: randomBytes(9500), tags: [] });
  });

  it('are verified as what they make, each read once', async () => {
    const { parts, read, store } = inParts(item);
    const given = options(store);
    const examined = await examineParts(parts, upload, given);
    expect(examined).toMatchObject({ verified: { valid: true, byteCount: item.length } });
    expect(read).toEqual(parts.map(({ objectKey }) => objectKey));
    expect(given.asked).toEqual([[expect.any(String), item.length]]);
  });

  it('are not read on for somebody who cannot pay for all of them', async () => {
    const { parts, read, store } = inParts(item);
    expect(await examineParts(parts, upload, options(store, { rich: false }))).toEqual({ failure: 'UNDERFUNDED' });
    expect(read).toEqual(['parts/0']);
  });

  it('are not read on for a signer who is blocked, who is told nothing of what is here', async () => {
    const { parts, read, store } = inParts(item);
    const examined = await examineParts(parts, upload, options(store, { blocked: true, known: true }));
    expect(examined).toEqual({ failure: 'BLOCKED' });
    expect(read).toEqual(['parts/0']);
  });

  it('are not read on for an item that is here already, but for one that had failed', async () => {
    const { parts, read, store } = inParts(item);
    expect(await examineParts(parts, upload, options(store, { known: true }))).toEqual({
      known: expect.any(Buffer),
    });
    expect(read).toEqual(['parts/0']);
    const again = await examineParts(parts, upload, options(store, { known: true, failed: true }));
    expect(again).toMatchObject({ verified: { valid: true } });
  });

  it('are invalid when a byte differs, when they are no item, and when they end in the header', async () => {
    const damaged = Buffer.from(item);
    damaged[5000]! ^= 1;
    for (const bytes of [damaged, randomBytes(3000), item.subarray(0, 60)]) {
      const { parts, store } = inParts(bytes);
      expect(await examineParts(parts, upload, options(store))).toMatchObject({ failure: 'INVALID' });
    }
  });

  it('are invalid, and not read, when one is missing or all are too many bytes', async () => {
    const { parts, read, store } = inParts(item);
    expect(await examineParts(parts.slice(1), upload, options(store))).toMatchObject({ failure: 'INVALID' });
    const tooMany = await examineParts(parts, upload, options(store, { max: item.length - 1 }));
    expect(tooMany).toMatchObject({ failure: 'INVALID' });
    expect(read).toEqual([]);
  });

  it('are invalid when the store has lost one, but not when it is away', async () => {
    const { parts, store } = inParts(item, 3 * CHUNK);
    expect(await examineParts(parts, upload, options(store))).toMatchObject({ failure: 'INVALID' });
    const away = {
      async *readTransient(): AsyncIterable<Buffer> {
        yield item.subarray(0, 10);
        throw new Error('connection refused');
      },
    };
    await expect(examineParts(parts, upload, { ...options(store), store: away })).rejects.toThrow('refused');
  });
});
