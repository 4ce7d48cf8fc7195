import { createHash } from 'node:crypto';
import { ArweaveSigner, bundleAndSignData, createData, type DataItem } from 'arbundles';
import fc from 'fast-check';
import { parties } from '../vectors/parties.ts';
import { MAX_HEADER_BYTES } from './header-layout.ts';
import {
  closeSignatureThread,
  createDataItem,
  ed25519Signer,
  encodeBundleHeader,
  type NestedFault,
  type NestedItem,
  type Tag,
  walkBundle,
} from './index.ts';

afterAll(closeSignatureThread);

const signer = ed25519Signer(Buffer.alloc(32, 5));
const BUNDLE_TAGS: Tag[] = [
  { name: 'Bundle-Format', value: 'binary' },
  { name: 'Bundle-Version', value: '2.0.0' },
];
const ROOT = { id: Buffer.alloc(32, 1) };
const GENEROUS = { maxItems: 1000, maxDepth: 10 };
const NONE = Buffer.alloc(0);

const item = (data: Uint8Array | string, tags: Tag[] = []): Promise<Buffer> =>
  createDataItem({ signer, data: Buffer.from(data), tags });
const idOf = (bytes: Buffer): Buffer => createHash('sha256').update(bytes.subarray(2, 66)).digest();
const bundleOf = (items: readonly Buffer[]): Buffer =>
  Buffer.concat([encodeBundleHeader(items.map((bytes) => ({ id: idOf(bytes), byteCount: bytes.length }))), ...items]);
/** An item whose payload is a bundle of these. */
const carrier = (...items: Buffer[]): Promise<Buffer> => item(bundleOf(items), BUNDLE_TAGS);
const number32 = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

interface Found {
  items: NestedItem[];
  faults: NestedFault[];
  /** Most bytes that were read. */
  read: number;
}

async function walk(bundle: Buffer, limits = GENEROUS, pieceLength = 1000, start = 0): Promise<Found> {
  const found: Found = { items: [], faults: [], read: 0 };
  async function* read(from: number, to: number): AsyncIterable<Buffer> {
    for (let at = from; at < to; at += pieceLength) {
      const piece = Buffer.from(bundle.subarray(at, Math.min(at + pieceLength, to)));
      found.read += piece.length;
      yield piece;
    }
  }
  for await (const one of walkBundle(read, { ...ROOT, start, end: bundle.length }, limits)) {
    if ('problem' in one) found.faults.push(one);
    else found.items.push(one);
  }
  return found;
}

const problemsOf = ({ faults }: Found): string[] => faults.map(({ problem }) => problem);

describe('the items of a bundle', () => {
  it('are those that arbundles put into it, at every depth and of every signature type', async () => {
    const theirs = parties.find(({ theirs: oracle }) => oracle instanceof ArweaveSigner)!.theirs;
    const leaves: DataItem[] = [];
    for (const party of parties) {
      const leaf = createData(`of ${party.name}`, party.theirs, {
        tags: [{ name: 'Content-Type', value: 'text/plain' }],
      });
      await leaf.sign(party.theirs);
      leaves.push(leaf);
    }
    const inner = await bundleAndSignData(leaves, theirs);
    const middle = createData(inner.getRaw(), theirs, { tags: BUNDLE_TAGS });
    await middle.sign(theirs);
    const last = createData('beside it', theirs);
    await last.sign(theirs);
    const outer = (await bundleAndSignData([middle, last], theirs)).getRaw();

    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5000 }), async (pieceLength) => {
        const { items, faults } = await walk(outer, GENEROUS, pieceLength);
        expect(faults).toEqual([]);
        expect(items.map(({ header }) => header.id.toString('base64url'))).toEqual(
          [middle, ...leaves, last].map(({ id }) => id),
        );
        for (const [index, { byteCount, header, parentId, start, startInParentPayload }] of items.entries()) {
          const original = [middle, ...leaves, last][index]!;
          expect(outer.subarray(start, start + byteCount)).toEqual(original.getRaw());
          expect(outer.subarray(start + header.length, start + byteCount)).toEqual(original.rawData);
          const isLeaf = leaves.includes(original);
          expect(parentId).toEqual(isLeaf ? middle.rawId : ROOT.id);
          const payload = isLeaf ? middle.rawData : outer;
          expect(payload.subarray(startInParentPayload, startInParentPayload + byteCount)).toEqual(original.getRaw());
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are found wherever the bundle starts, and whatever follows it', async () => {
    const [a, b] = [await item('a'), await item('b')];
    const padded = Buffer.concat([Buffer.alloc(123), bundleOf([a, b]), Buffer.from('rest')]);
    const { items, faults } = await walk(padded, GENEROUS, 50, 123);
    expect(faults).toEqual([]);
    expect(items.map(({ start, byteCount }) => padded.subarray(start, start + byteCount))).toEqual([a, b]);
  });

  it('are none in an empty bundle', async () => {
    expect(await walk(bundleOf([]))).toMatchObject({ items: [], faults: [] });
  });

  it('cost as much as their headers, not as their payloads', async () => {
    const large = await Promise.all([1, 2, 3].map((byte) => item(Buffer.alloc(5_000_000, byte))));
    const { items, read } = await walk(bundleOf(large), GENEROUS, 65_536);
    expect(items).toHaveLength(3);
    expect(read).toBeLessThan(4 * 65_536 + 3 * MAX_HEADER_BYTES);
  });
});

describe('what is wrong in a bundle', () => {
  let good: Buffer;
  beforeAll(async () => {
    good = await item('good');
  });

  const entry = (bytes: Buffer, byteCount = bytes.length, id = idOf(bytes)) => ({ bytes, byteCount, id });
  const build = (entries: readonly { bytes: Buffer; byteCount: number; id: Buffer }[]): Buffer =>
    Buffer.concat([encodeBundleHeader(entries), ...entries.map(({ bytes }) => bytes)]);

  it.each<[string, () => Buffer, string]>([
    ['no bytes at all', () => NONE, 'truncated'],
    ['half a count', () => Buffer.alloc(31), 'truncated'],
    ['a count without a table', () => number32(3n), 'truncated'],
    ['half a table', () => bundleOf([good]).subarray(0, 90), 'truncated'],
    ['an item that ends behind the bundle', () => bundleOf([good]).subarray(0, -1), 'truncated'],
    ['more items than there may be', () => number32(1001n), 'too_many_items'],
    ['countless items', () => number32(2n ** 256n - 1n), 'too_many_items'],
    [
      'an item of more bytes than can be counted',
      () => Buffer.concat([number32(1n), number32(2n ** 255n), ROOT.id]),
      'number_too_large',
    ],
    [
      'an item of more bytes than there are',
      () => Buffer.concat([number32(1n), number32(2n ** 52n), ROOT.id]),
      'truncated',
    ],
  ])('is told of the whole bundle: %s', async (_, make, problem) => {
    const { items, faults, read } = await walk(make());
    expect(items).toEqual([]);
    expect(faults).toEqual([{ problem, id: undefined, parentId: ROOT.id }]);
    expect(read).toBeLessThan(1000);
  });

  it.each<[string, () => { bytes: Buffer; byteCount: number; id: Buffer }, string]>([
    ['no bytes', () => entry(NONE, 0, ROOT.id), 'truncated'],
    ['one byte', () => entry(Buffer.alloc(1), 1, ROOT.id), 'truncated'],
    ['a header cut short', () => entry(good.subarray(0, 80)), 'truncated'],
    ['an unknown signature type', () => entry(Buffer.alloc(200), 200, ROOT.id), 'unknown_signature_type'],
    ['another id than its own', () => entry(good, good.length, ROOT.id), 'id_mismatch'],
    [
      'a target flag of 7',
      () => entry(Buffer.concat([good.subarray(0, 98), Buffer.of(7), good.subarray(99)])),
      'invalid_target_flag',
    ],
  ])('is told of one entry, and its neighbours are read: %s', async (_, make, problem) => {
    const bad = make();
    const { items, faults } = await walk(build([entry(good), bad, entry(good)]));
    expect(items.map(({ header }) => header.id)).toEqual([idOf(good), idOf(good)]);
    expect(faults).toEqual([{ problem, id: bad.id, parentId: ROOT.id }]);
  });

  it('is told of a bundle inside, which stays an item itself', async () => {
    const broken = await item('no bundle', BUNDLE_TAGS);
    const { items, faults } = await walk(bundleOf([broken, good]));
    expect(items.map(({ header }) => header.id)).toEqual([idOf(broken), idOf(good)]);
    expect(faults).toEqual([{ problem: 'truncated', id: undefined, parentId: idOf(broken) }]);
  });
});

describe('the work that a bundle makes', () => {
  it('ends at a depth', async () => {
    let nested = await item('innermost');
    for (let depth = 0; depth < 4; depth += 1) nested = await carrier(nested);
    const bundle = bundleOf([nested]);
    expect((await walk(bundle, { maxItems: 10, maxDepth: 5 })).items).toHaveLength(5);
    const bounded = await walk(bundle, { maxItems: 10, maxDepth: 3 });
    expect(bounded.items).toHaveLength(3);
    expect(problemsOf(bounded)).toEqual(['too_deep']);
    expect((await walk(bundle, { maxItems: 10, maxDepth: 1 })).items).toHaveLength(1);
  });

  it('ends at a number of items in all bundles together', async () => {
    const few = await carrier(await item('1'), await item('2'));
    const many = await carrier(await item('3'), await item('4'), await item('5'));
    const bundle = bundleOf([few, many, await item('6')]);
    expect(problemsOf(await walk(bundle, { maxItems: 8, maxDepth: 2 }))).toEqual([]);
    const bounded = await walk(bundle, { maxItems: 7, maxDepth: 2 });
    expect(problemsOf(bounded)).toEqual(['too_many_items']);
    expect(bounded.items).toHaveLength(5);
    expect(problemsOf(await walk(bundle, { maxItems: 2, maxDepth: 2 }))).toEqual(['too_many_items']);
  });
});
