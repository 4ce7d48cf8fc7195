import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as Merkle from 'arweave/node/lib/merkle.js';
import { ChunkTree, chunkRanges, MAX_CHUNK_BYTES, MIN_CHUNK_BYTES } from './chunk-tree.ts';

// arweave-js is the judge: what it computes is what the network's nodes check.
const { generateTransactionChunks } = createRequire(import.meta.url)('arweave/node/lib/merkle') as typeof Merkle;

function bytes(length: number): Buffer {
  const content = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) content[at] = (at * 31 + (at >> 8)) & 0xff;
  return content;
}

function treeOf(content: Buffer): ChunkTree {
  const hashes = chunkRanges(content.length).map(({ start, end }) =>
    createHash('sha256').update(content.subarray(start, end)).digest(),
  );
  return new ChunkTree(content.length, Buffer.concat(hashes));
}

describe('chunk tree', () => {
  it.each([
    1,
    MIN_CHUNK_BYTES,
    MAX_CHUNK_BYTES - 1,
    MAX_CHUNK_BYTES,
    MAX_CHUNK_BYTES + 1,
    MAX_CHUNK_BYTES + MIN_CHUNK_BYTES - 1,
    MAX_CHUNK_BYTES + MIN_CHUNK_BYTES,
    2 * MAX_CHUNK_BYTES,
    2 * MAX_CHUNK_BYTES + 1,
    3 * MAX_CHUNK_BYTES,
    5 * MAX_CHUNK_BYTES + 12_345,
    7 * MAX_CHUNK_BYTES + MIN_CHUNK_BYTES - 1,
  ])('gives %i bytes the chunks, root and proofs that arweave-js gives them', async (length) => {
    const content = bytes(length);
    const expected = await generateTransactionChunks(content);
    const tree = treeOf(content);
    expect(tree.root.toString('base64url')).toBe(Buffer.from(expected.data_root).toString('base64url'));
    expect(tree.ranges).toEqual(
      expected.chunks.map(({ minByteRange, maxByteRange }) => ({ start: minByteRange, end: maxByteRange })),
    );
    for (const [index, { proof }] of expected.proofs.entries()) {
      expect(tree.path(index).equals(Buffer.from(proof))).toBe(true);
    }
  });

  it('refuses hashes that are not one for each chunk', () => {
    expect(() => new ChunkTree(MAX_CHUNK_BYTES * 2, Buffer.alloc(32))).toThrow(/2 chunks, not 1/);
  });
});
