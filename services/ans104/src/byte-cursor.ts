/** Streams the bytes from `start` up to but not including `end`, wherever they are. */
export type ReadBytes = (start: number, end: number) => AsyncIterable<Buffer>;

/** What lies no further ahead than this is read over; asking anew costs a request. */
const READ_OVER_BYTES = 1024 * 1024;

/** A place in a long run of bytes that only ever moves forward. What it passes in large steps is never read. */
export class ByteCursor {
  readonly #read: ReadBytes;
  readonly #end: number;
  #position: number;
  /** Bytes that were read already, from the position on. */
  #ahead: Buffer = Buffer.alloc(0);
  #source: AsyncIterator<Buffer> | undefined;

  constructor(read: ReadBytes, start: number, end: number) {
    this.#read = read;
    this.#position = start;
    this.#end = end;
  }

  /**
   * The next `count` bytes, or as many as there are, without moving. They are a view that stays good.
   *
   * @throws what reading throws
   */
  async peek(count: number): Promise<Buffer> {
    const wanted = Math.min(count, this.#end - this.#position);
    const pieces = [this.#ahead];
    let length = this.#ahead.length;
    while (length < wanted) {
      const piece = await this.#next();
      pieces.push(piece);
      length += piece.length;
    }
    if (pieces.length > 1) this.#ahead = Buffer.concat(pieces, length);
    return this.#ahead.subarray(0, wanted);
  }

  /** Moves to a position that is not before the present one. */
  async moveTo(position: number): Promise<void> {
    const missing = position - this.#position - this.#ahead.length;
    if (missing <= 0) this.#ahead = this.#ahead.subarray(position - this.#position);
    else if (missing <= READ_OVER_BYTES && this.#source !== undefined) this.#ahead = await this.#readOver(missing);
    else {
      this.#ahead = Buffer.alloc(0);
      await this.close();
    }
    this.#position = position;
  }

  /** Ends reading. Safe at any time. */
  async close(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.return?.();
  }

  /** @returns what was read beyond the bytes that are passed */
  async #readOver(byteCount: number): Promise<Buffer> {
    for (let missing = byteCount; ; ) {
      const piece = await this.#next();
      if (piece.length >= missing) return piece.subarray(missing);
      missing -= piece.length;
    }
  }

  async #next(): Promise<Buffer> {
    // Nothing is ahead of the position when there is no source.
    this.#source ??= this.#read(this.#position, this.#end)[Symbol.asyncIterator]();
    const { done, value } = await this.#source.next();
    if (done) throw new RangeError(`the bytes end before ${this.#end}`);
    return value;
  }
}
