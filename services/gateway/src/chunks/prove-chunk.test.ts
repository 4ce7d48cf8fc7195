import { createHash, randomBytes } from 'node:crypto';
import { buildLayers, generateLeaves, generateProofs } from 'arweave/node/lib/merkle.js';
import { proveChunk } from './prove-chunk.ts';

/** A tree over pieces of random data, cut as told, with a proof for each piece; the last may lie about its end. */
async function treeOf(sizes: readonly number[], lastNote?: number) {
  let right = 0;
  const pieces = sizes.map((size) => {
    const bytes = randomBytes(size);
    const left = right;
    right += size;
    return { bytes, left, right };
  });
  const leaves = await generateLeaves(
    pieces.map((piece, index) => ({
      dataHash: createHash('sha256').update(piece.bytes).digest(),
      minByteRange: piece.left,
      maxByteRange: index === sizes.length - 1 ? (lastNote ?? piece.right) : piece.right,
    })),
  );
  const root = await buildLayers(leaves);
  const proofs = generateProofs(root);
  const ref = { dataRoot: Buffer.from(root.id).toString('base64url'), size: right };
  return (index: number, changes: Partial<typeof ref> = {}) =>
    proveChunk({ ...ref, ...changes }, pieces[index]?.right ? (pieces[index]?.right ?? 0) - 1 : 0, {
      bytes: pieces[index]?.bytes ?? Buffer.alloc(0),
      path: Buffer.from(proofs[index]?.proof ?? []),
    });
}

describe('proving a chunk', () => {
  it('answers its range in the data', async () => {
    const prove = await treeOf([262_144, 262_144, 1000]);
    expect(await prove(1)).toEqual({ left: 262_144, right: 524_288 });
    expect(await prove(2)).toEqual({ left: 524_288, right: 525_288 });
  });

  it('takes two last chunks that share a remainder', async () => {
    const prove = await treeOf([262_144, 140_000, 140_000]);
    expect(await prove(1)).toEqual({ left: 262_144, right: 402_144 });
    expect(await prove(2)).toEqual({ left: 402_144, right: 542_144 });
  });

  it('refuses chunks that start where the network does not cut', async () => {
    const prove = await treeOf([100_000, 100_000, 100_000]);
    expect(await prove(0)).toEqual({ left: 0, right: 100_000 });
    expect(await prove(1)).toBeUndefined();
  });

  it('refuses a leaf larger than a chunk may be', async () => {
    const prove = await treeOf([262_145]);
    expect(await prove(0)).toBeUndefined();
  });

  it('refuses a proof under another root or another size', async () => {
    const prove = await treeOf([262_144, 5000]);
    expect(await prove(1, { dataRoot: randomBytes(32).toString('base64url') })).toBeUndefined();
    expect(await prove(1, { size: 262_144 + 4999 })).toBeUndefined();
    expect(await prove(1, { size: 262_144 + 5001 })).toBeUndefined();
  });

  it('refuses a leaf that does not end where its chunk does', async () => {
    const prove = await treeOf([262_144, 5000], 262_144 + 4000);
    expect(await prove(1)).toBeUndefined();
  });
});
