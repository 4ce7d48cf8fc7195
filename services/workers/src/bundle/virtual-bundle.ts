import type { BundleItem, ReadRange } from '@bundler/adapters';
import { bundleHeaderByteCount, encodeBundleHeader } from '@bundler/ans104';

/** Items that lie one after another in one object, read in one go. */
interface Run {
  readonly objectKey: string;
  readonly objectStart: number;
  /** Offset in the bundle. */
  readonly start: number;
  end: number;
}

/**
 * A bundle that exists nowhere as a whole: a header, and items where their uploads left them. Copying the items into
 * one object would cost more than hashing them, so nobody does.
 */
export class VirtualBundle {
  readonly byteCount: number;
  readonly #header: Buffer;
  readonly #runs: Run[];
  readonly #read: ReadRange;

  constructor(items: readonly BundleItem[], read: ReadRange) {
    this.#header = encodeBundleHeader(items);
    this.#runs = joinNeighbours(items);
    this.#read = read;
    this.byteCount = this.#runs.at(-1)?.end ?? this.#header.length;
  }

  /** The bundle's bytes from `start` up to but not including `end`. @throws ObjectDamaged */
  async *read(start: number, end: number): AsyncIterable<Buffer> {
    if (start < this.#header.length) yield this.#header.subarray(start, Math.min(end, this.#header.length));
    for (let index = this.#firstRun(start); index < this.#runs.length; index += 1) {
      const run = this.#runs[index]!;
      if (run.start >= end) return;
      const from = run.objectStart + Math.max(0, start - run.start);
      const to = run.objectStart + Math.min(end, run.end) - run.start;
      if (from < to) yield* this.#read(run.objectKey, from, to);
    }
  }

  /** Index of the run that holds the byte at `start`, by bisection: bundles have 10,000 of them and more. */
  #firstRun(start: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#runs[middle]!.end <= start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function joinNeighbours(items: readonly BundleItem[]): Run[] {
  const runs: Run[] = [];
  let offset = bundleHeaderByteCount(items.length);
  for (const { objectKey, start, byteCount } of items.flatMap(({ extents }) => extents)) {
    const last = runs.at(-1);
    if (last?.objectKey === objectKey && last.objectStart + (last.end - last.start) === start) {
      last.end += byteCount;
    } else {
      runs.push({ objectKey, objectStart: start, start: offset, end: offset + byteCount });
    }
    offset += byteCount;
  }
  return runs;
}
