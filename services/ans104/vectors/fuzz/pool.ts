import { kyveSigner, type Signer } from '../../src/index.ts';
import { parties, testSecret } from '../parties.ts';
import { encodeRecipe } from './avro.ts';
import { oracleMessage } from './oracle.ts';
import type { ItemParts } from './parts.ts';

/** A valid item to start from, and who can sign it anew. */
export interface Seedling {
  name: string;
  signer: Signer;
  parts: ItemParts;
}

/** Signers of every type; the party list has no KYVE, because arbundles has no signer of it. */
const signers: [name: string, signer: Signer][] = [
  ...parties.map(({ name, ours }): [string, Signer] => [name, ours]),
  ['kyve', kyveSigner(testSecret('kyve'))],
];

const tag = (name: number, value: number): { name: { bytes: number }; value: { bytes: number } } => ({
  name: { bytes: name },
  value: { bytes: value },
});
const noBytes = Buffer.alloc(0);

type Content = Pick<ItemParts, 'target' | 'anchor' | 'rawTags' | 'payload' | 'tagCount'>;
const contents: Content[] = [
  { target: noBytes, anchor: noBytes, rawTags: noBytes, payload: noBytes, tagCount: 0n },
  {
    target: Buffer.alloc(32, 7),
    anchor: Buffer.alloc(32, 'a'),
    rawTags: encodeRecipe({ blocks: [{ tags: [tag(12, 10), tag(0, 0)] }], closed: true, more: 0 }),
    payload: Buffer.from('a small payload'),
    tagCount: 2n,
  },
  {
    target: noBytes,
    anchor: Buffer.alloc(32, 3),
    rawTags: encodeRecipe({
      blocks: [{ tags: [tag(1, 300)] }, { tags: [tag(40, 2)], sized: { lie: 0n } }],
      closed: true,
      more: 0,
    }),
    payload: Buffer.alloc(700, 9),
    tagCount: 2n,
  },
];

/** Valid items of every signature type, of several shapes each; signed once, with keys that everybody can know. */
export async function growPool(): Promise<Seedling[]> {
  const pool: Seedling[] = [];
  for (const [name, signer] of signers) {
    for (const content of contents) pool.push({ name, signer, parts: await plant(signer, content) });
  }
  return pool;
}

async function plant(signer: Signer, content: Content): Promise<ItemParts> {
  const parts: ItemParts = {
    ...content,
    type: signer.signatureType,
    signature: noBytes,
    owner: signer.owner,
    targetFlag: content.target.length === 0 ? 0 : 1,
    anchorFlag: content.anchor.length === 0 ? 0 : 1,
    tagByteCount: BigInt(content.rawTags.length),
  };
  return { ...parts, signature: await signParts(signer, parts) };
}

/** The signature of these fields, whether or not they make an item. */
export function signParts(signer: Signer, { owner, target, anchor, rawTags, payload }: ItemParts): Promise<Buffer> {
  return signer.sign(oracleMessage(signer.signatureType, [owner, target, anchor, rawTags, payload]));
}
