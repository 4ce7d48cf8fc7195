import { randomBytes } from 'node:crypto';
import { hashChunks } from '../../bundle/chunk-stream.ts';
import { chunkRanges, HASH_BYTES, MAX_CHUNK_BYTES } from '../../bundle/chunk-tree.ts';
import { hashBundle } from './hash-bundle.ts';

const CHUNKS = 200;
const content = randomBytes(CHUNKS * MAX_CHUNK_BYTES - 1000);
const bundle = { id: 'a', byteCount: content.length };

/** A bundle in memory, and the memory of those who hash it. */
function hashing(kept?: Buffer) {
  const saved: Buffer[] = kept ? [kept] : [];
  const reads: [start: number, end: number][] = [];
  const stop = new AbortController();
  const virtual = {
    async *read(start: number, end: number) {
      reads.push([start, end]);
      yield content.subarray(start, end);
    },
  };
  const bundles = {
    chunkHashes: async () => saved.at(-1),
    saveHashes: async (_: string, hashes: Buffer) => void saved.push(hashes),
  };
  return { saved, reads, stop, run: () => hashBundle(bundle, virtual, bundles, stop.signal) };
}

const expected = (): Promise<Buffer> =>
  hashChunks(
    (async function* () {
      yield content;
    })(),
    chunkRanges(content.length),
  );

describe('the hashes of a bundle', () => {
  it('are those of its chunks, remembered stride by stride', async () => {
    const { run, saved, reads } = hashing();
    const hashes = await run();
    expect(hashes).toEqual(await expected());
    expect(saved.map(({ length }) => length / HASH_BYTES)).toEqual([64, 128, 192]);
    expect(reads.map(([start]) => start / MAX_CHUNK_BYTES)).toEqual([0, 64, 128, 192]);
  });

  it('are computed from where an earlier try stopped', async () => {
    const hashes = await expected();
    const { run, reads } = hashing(hashes.subarray(0, 130 * HASH_BYTES));
    expect(await run()).toEqual(hashes);
    expect(reads[0]![0]).toBe(130 * MAX_CHUNK_BYTES);
  });

  it('are left for later when told to stop, between two strides', async () => {
    const { run, saved, stop } = hashing();
    stop.abort();
    expect(await run()).toBeUndefined();
    expect(saved).toEqual([]);
  });
});
