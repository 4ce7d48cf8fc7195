import { Bundle, bundleAndSignData, createData, DataItem, deepHash as deepHashOfArbundles } from 'arbundles';
import fc from 'fast-check';
import { parties } from '../vectors/parties.ts';
import {
  closeSignatureThread,
  createDataItem,
  DataItemVerifier,
  type DeepHashValue,
  deepHash,
  encodeBundleHeader,
  parseBundleHeader,
  type Tag,
  type VerifiedDataItem,
  verifyDataItem,
} from './index.ts';

afterAll(closeSignatureThread);

interface Content {
  data: Uint8Array;
  tags: Tag[];
  target: Uint8Array;
  anchor: string;
}

/** No lone surrogates: arbundles writes them as they are, and UTF-8 has no form for them. */
const text = (maxLength: number): fc.Arbitrary<string> => fc.string({ unit: 'binary', maxLength });
const content: fc.Arbitrary<Content> = fc.record({
  data: fc.uint8Array({ maxLength: 3000 }),
  tags: fc.array(fc.record({ name: text(40), value: text(80) }), { maxLength: 8 }),
  target: fc.constantFrom(Buffer.alloc(0), Buffer.alloc(32, 9)),
  anchor: fc.constantFrom('', 'an anchor of thirty-two bytes...'),
});
const cuts = fc.array(fc.nat({ max: 5000 }), { maxLength: 6 });

/** RSA signatures cost several milliseconds each, the others a few. */
const runs = { numRuns: 20 };

function writeInPieces(bytes: Buffer, at: number[]): Promise<VerifiedDataItem> {
  const verifier = new DataItemVerifier();
  const bounds = [0, ...at.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
  for (const [index, start] of bounds.slice(0, -1).entries()) {
    // A piece of its own, wiped afterwards: the verifier may keep no view of what it was given.
    const piece = Buffer.from(bytes.subarray(start, bounds[index + 1]));
    verifier.write(piece);
    piece.fill(0);
  }
  return verifier.finish();
}

async function createTheirs(
  party: (typeof parties)[number],
  { data, tags, target, anchor }: Content,
): Promise<DataItem> {
  const item = createData(data, party.theirs, {
    tags,
    ...(target.length > 0 && { target: Buffer.from(target).toString('base64url') }),
    ...(anchor.length > 0 && { anchor }),
  });
  await item.sign(party.theirs);
  return item;
}

function createOurs(party: (typeof parties)[number], { anchor, ...rest }: Content): Promise<Buffer> {
  return createDataItem({ signer: party.ours, ...rest, anchor: Buffer.from(anchor) });
}

describe.each(parties)('an item of type $name', (party) => {
  it('that we create is valid and the same to arbundles', async () => {
    await fc.assert(
      fc.asyncProperty(content, async (parts) => {
        const item = new DataItem(await createOurs(party, parts));
        expect(await item.isValid()).toBe(true);
        expect(item.tags).toEqual(parts.tags);
        expect(item.rawData).toEqual(Buffer.from(parts.data));
        expect(item.rawTarget).toEqual(parts.target);
        expect(item.rawAnchor).toEqual(Buffer.from(parts.anchor));
        expect(item.rawOwner).toEqual(party.theirs.publicKey);
      }),
      runs,
    );
  });

  it('that arbundles creates is valid and the same to us, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(content, cuts, async (parts, at) => {
        const item = await createTheirs(party, parts);
        for (const verified of [await verifyDataItem(item.getRaw()), await writeInPieces(item.getRaw(), at)]) {
          expect(verified.valid).toBe(true);
          expect(verified.header.id.toString('base64url')).toBe(item.id);
          expect(verified.header.tags).toEqual(item.tags);
          expect(verified.header.rawTags).toEqual(item.rawTags);
          expect(verified.header.target).toEqual(item.rawTarget);
          expect(verified.header.anchor).toEqual(item.rawAnchor);
          expect(verified.header.owner).toEqual(item.rawOwner);
          expect(verified.payloadByteCount).toBe(parts.data.length);
        }
      }),
      runs,
    );
  });

  it('is the same bytes from both makers, where signing is deterministic', async () => {
    await fc.assert(
      fc.asyncProperty(content, async (parts) => {
        const ours = await createOurs(party, parts);
        const theirs = (await createTheirs(party, parts)).getRaw();
        const from = party.deterministic ? 0 : 2 + party.ours.owner.length;
        expect(ours.subarray(from)).toEqual(theirs.subarray(from));
      }),
      { numRuns: 8 },
    );
  });
});

describe('a bundle', () => {
  const contents = fc.array(content, { maxLength: 4 });

  it('that we write is read and verified by arbundles', async () => {
    await fc.assert(
      fc.asyncProperty(contents, async (parts) => {
        const items = await Promise.all(parts.map((part, index) => createOurs(parties[index % 7]!, part)));
        const ids = await Promise.all(items.map(async (item) => (await verifyDataItem(item)).header.id));
        const entries = items.map((item, index) => ({ id: ids[index]!, byteCount: item.length }));
        const bundle = new Bundle(Buffer.concat([encodeBundleHeader(entries), ...items]));
        expect(await bundle.verify()).toBe(true);
        expect(bundle.getIds()).toEqual(ids.map((id) => id.toString('base64url')));
        expect(bundle.items.map((item) => item.getRaw())).toEqual(items);
      }),
      { numRuns: 10 },
    );
  });

  it('that arbundles writes is taken apart by us', async () => {
    await fc.assert(
      fc.asyncProperty(contents, async (parts) => {
        const party = parties[1]!;
        const items = await Promise.all(parts.map((part) => createTheirs(party, part)));
        const bytes = (await bundleAndSignData(items, party.theirs)).getRaw();
        const bundle = parseBundleHeader(bytes, { maxItems: 4 });
        expect(bundle?.byteCount).toBe(bytes.length);
        expect(bundle?.items.map((item) => item.id.toString('base64url'))).toEqual(items.map((item) => item.id));
        for (const { id, offset, byteCount } of bundle?.items ?? []) {
          const verified = await verifyDataItem(bytes.subarray(offset, offset + byteCount));
          expect(verified.valid).toBe(true);
          expect(verified.header.id).toEqual(id);
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe('the deep hash', () => {
  it('is that of arbundles for any nest of lists', async () => {
    const { value } = fc.letrec<{ value: DeepHashValue }>((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, fc.uint8Array({ maxLength: 200 }), fc.array(tie('value'), { maxLength: 4 })),
    }));
    await fc.assert(
      fc.asyncProperty(value, async (nest) => {
        const theirs = await deepHashOfArbundles(nest as Parameters<typeof deepHashOfArbundles>[0]);
        expect(deepHash(nest)).toEqual(Buffer.from(theirs));
      }),
    );
  });
});
