/**
 * Makes the vectors anew: node services/ans104/vectors/make.ts
 *
 * The good ones are made, signed and read by arbundles alone, so that they owe nothing to the code they test. The bad
 * ones are put together byte by byte.
 */
import { writeFileSync } from 'node:fs';
import { createData, DataItem } from 'arbundles';
import type { DataItemErrorCode } from '../src/index.ts';
import type { BadVector, GoodVector } from './load.ts';
import { type Party, parties } from './parties.ts';

const [, ed25519, ethereum] = parties as [Party, Party, Party];
const ANCHOR = 'an anchor of thirty-two bytes...';
const TARGET = Buffer.alloc(32, 7).toString('base64url');
const TAGS = [
  { name: 'Content-Type', value: 'text/plain' },
  { name: 'Grüße', value: '✓ 𝄞' },
  { name: '', value: '' },
];

/** An unsigned item whose parts need not fit each other. */
interface Parts {
  party: Party;
  type?: number;
  targetFlag?: number;
  anchorFlag?: number;
  tagCount?: number | bigint;
  tagByteCount?: number | bigint;
  rawTags?: number[] | Buffer;
  payload?: string;
}

function assemble(parts: Parts): Buffer {
  const { theirs } = parts.party;
  const rawTags = Buffer.from(parts.rawTags ?? []);
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64LE(BigInt(parts.tagCount ?? 0), 0);
  numbers.writeBigUInt64LE(BigInt(parts.tagByteCount ?? rawTags.length), 8);
  const type = Buffer.alloc(2);
  type.writeUInt16LE(parts.type ?? theirs.signatureType);
  return Buffer.concat([
    type,
    Buffer.alloc(theirs.signatureLength),
    theirs.publicKey,
    Buffer.from([parts.targetFlag ?? 0, parts.anchorFlag ?? 0]),
    numbers,
    rawTags,
    Buffer.from(parts.payload ?? 'payload'),
  ]);
}

async function signed(parts: Parts): Promise<Buffer> {
  const item = new DataItem(assemble(parts));
  await item.sign(parts.party.theirs);
  return item.getRaw();
}

async function describeItem(name: string, bytes: Buffer): Promise<GoodVector> {
  if (!(await DataItem.verify(bytes))) throw new Error(`arbundles does not take "${name}"`);
  const item = new DataItem(bytes);
  const { signatureType, id, owner, target, anchor, tags } = item;
  const message = Buffer.from(await item.getSignatureData()).toString('base64url');
  const payload = item.rawData.toString('base64url');
  return { name, bytes: bytes.toString('base64url'), signatureType, id, owner, target, anchor, tags, payload, message };
}

async function makeGood(): Promise<GoodVector[]> {
  const vectors: GoodVector[] = [];
  for (const { name, theirs } of parties) {
    const item = createData('a small payload', theirs, { tags: TAGS, target: TARGET, anchor: ANCHOR });
    await item.sign(theirs);
    vectors.push(await describeItem(`${name}, all fields`, item.getRaw()));
  }
  const empty = await signed({ party: ed25519, payload: '' });
  const closed = await signed({ party: ed25519, rawTags: [0] });
  const blocks = await signed({ party: ed25519, tagCount: 2, rawTags: [2, 2, 0x61, 2, 0x62, 2, 2, 0x63, 0, 0] });
  const sized = await signed({ party: ed25519, tagCount: 1, rawTags: [1, 8, 2, 0x61, 2, 0x62, 0] });
  const padded = await signed({ party: ed25519, tagCount: 1, rawTags: [0x82, 0, 2, 0x61, 2, 0x62, 0] });
  const binary = await signed({ party: ed25519, tagCount: 1, rawTags: [2, 2, 0xff, 2, 0xfe, 0] });
  return [
    ...vectors,
    await describeItem('no fields, no payload', empty),
    await describeItem('an empty list of tags that is written out', closed),
    await describeItem('tags in two blocks', blocks),
    await describeItem('tags in a block that tells its size', sized),
    await describeItem('a number in more bytes than it needs', padded),
    await describeItem('tags that are not UTF-8', binary),
  ];
}

async function makeBadTags(): Promise<BadVector[]> {
  const cases: [string, DataItemErrorCode, Omit<Parts, 'party'>][] = [
    ['more tags than declared', 'invalid_tags', { tagCount: 1, rawTags: [4, 0, 0, 0, 0, 0] }],
    ['fewer tags than declared', 'invalid_tags', { tagCount: 2, rawTags: [2, 0, 0, 0] }],
    ['tags declared but no tag bytes', 'invalid_tags', { tagCount: 1 }],
    ['tag bytes but no tags declared', 'invalid_tags', { rawTags: [2, 0, 0, 0] }],
    ['bytes after the tags', 'invalid_tags', { tagCount: 1, rawTags: [2, 0, 0, 0, 0] }],
    ['tags that do not end', 'invalid_tags', { tagCount: 1, rawTags: [2, 0, 0] }],
    ['a name of negative length', 'invalid_tags', { tagCount: 1, rawTags: [2, 1, 0, 0] }],
    ['a value that reaches beyond the tags', 'invalid_tags', { tagCount: 1, rawTags: [2, 0, 0x20, 0] }],
    ['a block that lies about its size', 'invalid_tags', { tagCount: 1, rawTags: [1, 6, 0, 0, 0] }],
    ['a number that does not end', 'invalid_tags', { tagCount: 1, rawTags: Buffer.alloc(20, 0xff) }],
    ['a block of countless tags', 'invalid_tags', { tagCount: 1, rawTags: [...Buffer.alloc(9, 0xfe), 1, 0] }],
    ['129 tags', 'too_many_tags', { tagCount: 129 }],
    ['countless tags', 'too_many_tags', { tagCount: 2n ** 64n - 1n }],
    ['4097 tag bytes', 'too_many_tag_bytes', { tagCount: 1, tagByteCount: 4097 }],
    ['countless tag bytes', 'too_many_tag_bytes', { tagCount: 1, tagByteCount: 2n ** 63n }],
    ['a name of 1025 bytes', 'tag_name_too_long', { tagCount: 1, rawTags: [2, 0x82, 0x10, ...Buffer.alloc(1027)] }],
    [
      'a value of 3073 bytes',
      'tag_value_too_long',
      { tagCount: 1, rawTags: [2, 0, 0x82, 0x30, ...Buffer.alloc(3074)] },
    ],
  ];
  return Promise.all(cases.map(async ([name, code, parts]) => ({ name, code, bytes: toText(await signOrNot(parts)) })));
}

/** Signed where arbundles can read it, to show that the signature is not what is wrong. */
async function signOrNot(parts: Omit<Parts, 'party'>): Promise<Buffer> {
  const readable = parts.tagByteCount === undefined && parts.tagCount !== 2n ** 64n - 1n;
  return readable ? signed({ party: ed25519, ...parts }) : assemble({ party: ed25519, ...parts });
}

async function makeBadFrames(): Promise<BadVector[]> {
  const item = await signed({ party: ed25519 });
  return [
    { name: 'no bytes', code: 'truncated', bytes: '' },
    { name: 'half a header', code: 'truncated', bytes: toText(item.subarray(0, 60)) },
    { name: 'type 0', code: 'unknown_signature_type', bytes: toText(assemble({ party: ed25519, type: 0 })) },
    { name: 'type 8', code: 'unknown_signature_type', bytes: toText(assemble({ party: ed25519, type: 8 })) },
    { name: 'type 257', code: 'unknown_signature_type', bytes: toText(assemble({ party: ed25519, type: 257 })) },
    {
      name: 'target flag 2',
      code: 'invalid_target_flag',
      bytes: toText(await signed({ party: ed25519, targetFlag: 2 })),
    },
    {
      name: 'anchor flag 255',
      code: 'invalid_anchor_flag',
      bytes: toText(await signed({ party: ed25519, anchorFlag: 255 })),
    },
  ];
}

async function makeUnsigned(): Promise<BadVector[]> {
  const blanks = parties.map((party) => ({
    name: `${party.name}, all zeros for a signature`,
    bytes: toText(assemble({ party })),
  }));
  const item = await signed({ party: ethereum });
  const twins = [0, 1, 29, 255].map((v) => ({
    name: `ethereum, ${v} as the last byte of the signature`,
    bytes: toText(Buffer.concat([item.subarray(0, 66), Buffer.from([v]), item.subarray(67)])),
  }));
  return [...blanks, ...twins, { name: 'ethereum, the other s', bytes: toText(withOtherS(item)) }];
}

/** The twin that every ECDSA signature has: n - s, with the other recovery bit. */
function withOtherS(item: Buffer): Buffer {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const twin = Buffer.from(item);
  const s = BigInt(`0x${item.subarray(34, 66).toString('hex')}`);
  twin.write((order - s).toString(16).padStart(64, '0'), 34, 'hex');
  twin[66] = 27 + 28 - (item[66] ?? 0);
  return twin;
}

function toText(bytes: Buffer): string {
  return bytes.toString('base64url');
}

function save(file: string, value: unknown): void {
  writeFileSync(new URL(file, import.meta.url), `${JSON.stringify(value, null, 2)}\n`);
}

save('good.json', await makeGood());
save('bad.json', [...(await makeBadTags()), ...(await makeBadFrames()), ...(await makeUnsigned())]);
