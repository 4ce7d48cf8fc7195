import type { ChunkRange } from './chunk-ranges.ts';
import type { ChunkStore, DataRef } from './chunk-store.ts';

/**
 * Reads parts of one transaction's data from its chunks. The last chunk read is kept, so that walking through small
 * data items opens each file once.
 */
export class DataReader {
  private readonly store: ChunkStore;
  private readonly ref: DataRef;
  private last: { range: ChunkRange; bytes: Buffer } | undefined;

  constructor(store: ChunkStore, ref: DataRef) {
    this.store = store;
    this.ref = ref;
  }

  /**
   * Yields the bytes from `start` up to, but without, `end`, at most one chunk at a time.
   *
   * @throws Error if a chunk of that part is missing.
   */
  async *stream(start: number, end: number): AsyncGenerator<Buffer> {
    for (let offset = start; offset < end; ) {
      const { range, bytes } = await this.chunkAt(offset);
      yield bytes.subarray(offset - range.left, Math.min(end, range.right) - range.left);
      offset = range.right;
    }
  }

  /** The bytes from `start` up to, but without, `end`, in one buffer: for headers only. */
  async bytes(start: number, end: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.stream(start, end)) parts.push(part);
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  private async chunkAt(offset: number): Promise<{ range: ChunkRange; bytes: Buffer }> {
    if (this.last && offset >= this.last.range.left && offset < this.last.range.right) return this.last;
    const range = this.store.rangeAt(this.ref, offset);
    if (!range) throw new Error(`No chunk holds byte ${offset} of ${this.ref.dataRoot}: it was never posted`);
    this.last = { range, bytes: (await this.store.read(this.ref, range)).bytes };
    return this.last;
  }
}
