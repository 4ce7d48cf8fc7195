import { hash } from 'node:crypto';

/**
 * Arweave's chunks and the Merkle tree over them, whose root a transaction signs. Source: the Arweave data format,
 * as arweave-js and the network's nodes implement it.
 */
export const MAX_CHUNK_BYTES = 256 * 1024;
export const MIN_CHUNK_BYTES = 32 * 1024;

/** Of a SHA-256. */
export const HASH_BYTES = 32;
/** Offsets are hashed as 32-byte big-endian numbers. */
const NOTE_BYTES = 32;

/** A chunk's place in the data: from `start` up to but not including `end`. */
export interface ChunkRange {
  readonly start: number;
  readonly end: number;
}

/**
 * How data of that many bytes is cut: into chunks of 256 KiB, where a rest below 32 KiB shares the last two evenly.
 */
export function chunkRanges(byteCount: number): ChunkRange[] {
  const ranges: ChunkRange[] = [];
  let start = 0;
  while (byteCount - start >= MAX_CHUNK_BYTES) {
    const rest = byteCount - start;
    const next = rest - MAX_CHUNK_BYTES;
    const size = next > 0 && next < MIN_CHUNK_BYTES ? Math.ceil(rest / 2) : MAX_CHUNK_BYTES;
    ranges.push({ start, end: start + size });
    start += size;
  }
  if (start < byteCount) ranges.push({ start, end: byteCount });
  return ranges;
}

interface Node {
  readonly id: Buffer;
  /** Offset after the last byte below this node. */
  readonly end: number;
  readonly left?: Node;
  readonly right?: Node;
}

/** The tree over all chunks of one transaction: its root, and a proof for each chunk. */
export class ChunkTree {
  readonly ranges: readonly ChunkRange[];
  readonly #hashes: Buffer;
  readonly #root: Node;

  /**
   * @param byteCount bytes of the data, more than none
   * @param hashes the SHA-256 of each chunk, one after another
   */
  constructor(byteCount: number, hashes: Buffer) {
    this.ranges = chunkRanges(byteCount);
    if (hashes.length !== this.ranges.length * HASH_BYTES) {
      throw new Error(`${byteCount} bytes have ${this.ranges.length} chunks, not ${hashes.length / HASH_BYTES}`);
    }
    this.#hashes = hashes;
    this.#root = build(this.#leaves(byteCount));
  }

  /** What the transaction's `data_root` names, 32 bytes. */
  get root(): Buffer {
    return this.#root.id;
  }

  /** The proof that a chunk belongs to the root: what `POST /chunk` calls `data_path`. */
  path(index: number): Buffer {
    const { end } = this.ranges[index]!;
    const parts: Buffer[] = [];
    let node = this.#root;
    while (node.left && node.right) {
      parts.push(node.left.id, node.right.id, note(node.left.end));
      node = end <= node.left.end ? node.left : node.right;
    }
    parts.push(this.#chunkHash(index), note(end));
    return Buffer.concat(parts);
  }

  #chunkHash(index: number): Buffer {
    return this.#hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  }

  #leaves(byteCount: number): Node[] {
    const leaves = this.ranges.map(({ end }, index) => leaf(this.#chunkHash(index), end));
    // Data whose last chunk is full has one more, empty leaf: arweave-js makes it, so the root everybody checks
    // against has it. It is never posted.
    if (byteCount % MAX_CHUNK_BYTES === 0) leaves.push(leaf(sha256(Buffer.alloc(0)), byteCount));
    return leaves;
  }
}

function build(leaves: Node[]): Node {
  let layer = leaves;
  while (layer.length > 1) {
    const next: Node[] = [];
    for (let index = 0; index < layer.length; index += 2) {
      const left = layer[index]!;
      const right = layer[index + 1];
      next.push(right ? branch(left, right) : left);
    }
    layer = next;
  }
  return layer[0]!;
}

function leaf(chunkHash: Buffer, end: number): Node {
  return { id: sha256(Buffer.concat([sha256(chunkHash), sha256(note(end))])), end };
}

function branch(left: Node, right: Node): Node {
  const id = sha256(Buffer.concat([sha256(left.id), sha256(right.id), sha256(note(left.end))]));
  return { id, end: right.end, left, right };
}

function note(offset: number): Buffer {
  const bytes = Buffer.alloc(NOTE_BYTES);
  bytes.writeBigUInt64BE(BigInt(offset), NOTE_BYTES - 8);
  return bytes;
}

function sha256(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}
