import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChunkRange, ChunkRanges } from './chunk-ranges.ts';

/** Whose data a chunk is part of. */
export interface DataRef {
  /** base64url of 32 bytes. */
  readonly dataRoot: string;
  readonly size: number;
}

/** A chunk as stored: its bytes and the proof that they belong there. */
export interface StoredChunk {
  readonly bytes: Buffer;
  readonly path: Buffer;
}

const FILE = /^(\d+)-(\d+)$/;
const FOLDER = /^[0-9a-f]{64}-\d+$/;

/**
 * Chunks on disk: one folder per data root and size, one file per chunk, named by its range, holding the bytes and
 * after them the proof. Only the ranges are in memory.
 */
export class ChunkStore {
  private readonly root: string;
  private readonly index = new Map<string, ChunkRanges>();
  private readonly complete = new Set<string>();
  private writes = 0;

  /** Opens or creates the store at `root`, and removes what an interrupted write left there. */
  constructor(root: string) {
    this.root = root;
    mkdirSync(root, { recursive: true });
    for (const folder of readdirSync(root).filter((name) => FOLDER.test(name))) this.readFolder(folder);
  }

  /** Keeps a proven chunk. It appears under its name whole or not at all. */
  async put(ref: DataRef, range: ChunkRange, { bytes, path }: StoredChunk): Promise<void> {
    const folder = folderOf(ref);
    const ranges = this.ranges(folder);
    if (ranges.at(range.left)?.left === range.left) return;
    const temporary = join(this.root, folder, `write-${this.writes++}`);
    await writeFile(temporary, [bytes, path]);
    await rename(temporary, this.file(folder, range));
    ranges.add(range);
  }

  /** True if every chunk of the data is there. Data without bytes is always complete. */
  has(ref: DataRef): boolean {
    const folder = folderOf(ref);
    if (ref.size === 0 || this.complete.has(folder)) return true;
    const covered = this.index.get(folder)?.covers(ref.size) ?? false;
    if (covered) this.complete.add(folder);
    return covered;
  }

  /** The range of the chunk that holds the byte at `offset`, if it is there. */
  rangeAt(ref: DataRef, offset: number): ChunkRange | undefined {
    return this.index.get(folderOf(ref))?.at(offset);
  }

  /** Reads the chunk at a range that `rangeAt` answered. */
  async read(ref: DataRef, range: ChunkRange): Promise<StoredChunk> {
    const stored = await readFile(this.file(folderOf(ref), range));
    const length = range.right - range.left;
    return { bytes: stored.subarray(0, length), path: stored.subarray(length) };
  }

  private readFolder(folder: string): void {
    for (const name of readdirSync(join(this.root, folder))) {
      const [, left, right] = FILE.exec(name) ?? [];
      if (left === undefined) rmSync(join(this.root, folder, name));
      else this.ranges(folder).add({ left: Number(left), right: Number(right) });
    }
  }

  /** Makes the folder when it is first needed: asking for it at each chunk cost more than hashing the chunk. */
  private ranges(folder: string): ChunkRanges {
    const known = this.index.get(folder);
    if (known) return known;
    mkdirSync(join(this.root, folder), { recursive: true });
    const ranges = new ChunkRanges();
    this.index.set(folder, ranges);
    return ranges;
  }

  private file(folder: string, { left, right }: ChunkRange): string {
    return join(this.root, folder, `${left}-${right}`);
  }
}

/** Hexadecimal, because base64url names collide on file systems that ignore case. */
function folderOf({ dataRoot, size }: DataRef): string {
  return `${Buffer.from(dataRoot, 'base64url').toString('hex')}-${size}`;
}
