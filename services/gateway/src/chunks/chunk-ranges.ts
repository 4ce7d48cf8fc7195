/** A chunk's place in its transaction's data: from `left` up to, but without, `right`. */
export interface ChunkRange {
  readonly left: number;
  readonly right: number;
}

/** Which parts of one transaction's data are there, ordered, whatever the order they came in. */
export class ChunkRanges {
  private readonly ranges: ChunkRange[] = [];
  private bytes = 0;

  /** Notes a chunk; one that starts where another does is the same chunk again. */
  add(range: ChunkRange): void {
    const index = this.indexAfter(range.left);
    if (this.ranges[index - 1]?.left === range.left) return;
    this.ranges.splice(index, 0, range);
    this.bytes += range.right - range.left;
  }

  /** The chunk that holds the byte at `offset`. */
  at(offset: number): ChunkRange | undefined {
    const range = this.ranges[this.indexAfter(offset) - 1];
    return range && offset < range.right ? range : undefined;
  }

  /** True if every byte from 0 to `size` is there. */
  covers(size: number): boolean {
    if (this.bytes < size) return false;
    let reached = 0;
    for (const { left, right } of this.ranges) {
      if (left > reached) return false;
      reached = Math.max(reached, right);
    }
    return reached >= size;
  }

  /** Index of the first range that starts behind `offset`. */
  private indexAfter(offset: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ranges[middle]?.left ?? Number.POSITIVE_INFINITY) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
