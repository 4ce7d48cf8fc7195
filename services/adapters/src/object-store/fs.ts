import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ObjectDamaged, ObjectNotFound, type ObjectStore, type ObjectWriter, type StoredObject } from './port.ts';
import { release } from './release.ts';

/** Bytes gathered before a write call: below this, the cost of the call outweighs that of the copy it saves. */
const WRITE_BYTES = 1024 * 1024;
const READ_BYTES = 1024 * 1024;
/** Buffers kept for the next transient read: two for each of as many readers as a worker has at once. */
const MAX_SPARE_BUFFERS = 8;
/** Names of files that are still being written; they are no objects. */
const PARTIAL = '.partial';

/**
 * Objects as files below one directory that every process shares. A file is written under another name, synced,
 * renamed, and its directory synced: a crash leaves the whole object or none of it.
 */
export class FsObjectStore implements ObjectStore {
  readonly #root: string;
  readonly #madeDirectories = new Set<string>();
  readonly #spareBuffers: Buffer[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  async put(key: string, pieces: readonly Buffer[]): Promise<void> {
    const writer = await this.#open(key);
    try {
      await writer.writeAll(pieces);
      await writer.commit();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  createWriter(key: string): Promise<ObjectWriter> {
    return this.#open(key);
  }

  async #open(key: string): Promise<FileWriter> {
    const path = this.#path(key);
    const directory = dirname(path);
    if (!this.#madeDirectories.has(directory)) {
      await mkdir(directory, { recursive: true });
      this.#madeDirectories.add(directory);
    }
    const partial = `${path}.${randomUUID()}${PARTIAL}`;
    try {
      return new FileWriter(await open(partial, 'wx', 0o640), partial, path);
    } catch (error) {
      // Somebody may have removed the directory since we made it.
      this.#madeDirectories.delete(directory);
      throw error;
    }
  }

  read(key: string, start: number, end: number): AsyncIterable<Buffer> {
    return this.#read(key, start, end, (byteCount) => Buffer.allocUnsafeSlow(byteCount));
  }

  async *readTransient(key: string, start: number, end: number): AsyncIterable<Buffer> {
    // One is read into while the taker works on the other. Those that were used before are used again.
    const pair = [this.#spareBuffers.pop(), this.#spareBuffers.pop()].map(
      (spare) => spare ?? Buffer.allocUnsafeSlow(READ_BYTES),
    ) as [Buffer, Buffer];
    let turn = 0;
    try {
      yield* this.#read(key, start, end, (byteCount) => {
        turn += 1;
        return pair[turn % 2]!.subarray(0, byteCount);
      });
    } finally {
      // By now nothing is read into them any more.
      if (this.#spareBuffers.length < MAX_SPARE_BUFFERS) this.#spareBuffers.push(...pair);
    }
  }

  async *#read(
    key: string,
    start: number,
    end: number,
    bufferOf: (byteCount: number) => Buffer,
  ): AsyncIterable<Buffer> {
    let file: FileHandle;
    try {
      file = await open(this.#path(key), 'r');
    } catch (error) {
      throw isMissing(error) ? new ObjectNotFound(key, { cause: error }) : error;
    }
    const readPiece = async (position: number): Promise<Buffer> => {
      const length = Math.min(READ_BYTES, end - position);
      if (length <= 0) return Buffer.alloc(0);
      const { bytesRead, buffer } = await file.read(bufferOf(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    };
    // The next piece is read while its taker works on this one.
    let reading = readPiece(start);
    try {
      for (let position = start; position < end; ) {
        const piece = await reading;
        if (piece.length === 0) {
          throw new ObjectDamaged(key, position, `object ${key} ends at byte ${position}; ${end} bytes were expected`);
        }
        position += piece.length;
        reading = readPiece(position);
        reading.catch(() => undefined);
        yield piece;
      }
    } finally {
      await reading.catch(() => undefined);
      await file.close();
    }
  }

  async delete(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    const root = join(this.#root, prefix.slice(0, prefix.lastIndexOf('/') + 1));
    for await (const path of filesBelow(root)) {
      const key = path.slice(this.#root.length + 1);
      if (!key.startsWith(prefix) || key.endsWith(PARTIAL)) continue;
      const facts = await stat(path).catch(() => undefined);
      if (facts) yield { key, byteCount: facts.size, modifiedAt: facts.mtimeMs };
    }
  }

  async sweepAbandoned(olderThanMs: number): Promise<number> {
    let swept = 0;
    for await (const path of filesBelow(this.#root)) {
      if (!path.endsWith(PARTIAL)) continue;
      const facts = await stat(path).catch(() => undefined);
      if (!facts || facts.mtimeMs > Date.now() - olderThanMs) continue;
      await rm(path, { force: true });
      swept += 1;
    }
    return swept;
  }

  async check(): Promise<void> {
    await mkdir(this.#root, { recursive: true });
    await access(this.#root, constants.R_OK | constants.W_OK);
  }

  async close(): Promise<void> {}

  #path(key: string): string {
    if (!/^[\w-]+(\/[\w.-]+)+$/.test(key) || key.includes('..')) throw new Error(`not an object key: ${key}`);
    return join(this.#root, key);
  }
}

class FileWriter implements ObjectWriter {
  readonly #file: FileHandle;
  readonly #partial: string;
  readonly #path: string;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(file: FileHandle, partial: string, path: string) {
    this.#file = file;
    this.#partial = partial;
    this.#path = path;
  }

  async write(piece: Buffer): Promise<void> {
    this.#pending.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes < WRITE_BYTES) return;
    // One write is under way while the next is gathered; waiting for the earlier one is the back-pressure.
    await this.#writing;
    this.#writing = this.#flush();
    this.#writing.catch(() => undefined);
  }

  async #flush(): Promise<void> {
    const pieces = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.writeAll(pieces);
    for (const piece of pieces) release(piece);
  }

  async writeAll(pieces: readonly Buffer[]): Promise<void> {
    let rest = pieces.filter((piece) => piece.length > 0);
    while (rest.length > 0) {
      // The kernel takes at most 1024 pieces (IOV_MAX) and may write less than it was given.
      const { bytesWritten } = await this.#file.writev(rest.slice(0, 1024));
      rest = after(rest, bytesWritten);
    }
  }

  async commit(): Promise<void> {
    await this.#writing;
    await this.#flush();
    // The directory is opened meanwhile, and both are closed at the end: each call waits for a thread of a busy pool, and
    // uploads wait for all that come one after another.
    const opening = open(dirname(this.#path), 'r');
    opening.catch(() => undefined);
    try {
      await this.#file.datasync();
      await rename(this.#partial, this.#path);
      await (await opening).sync();
    } finally {
      await Promise.all([this.#close(), opening.then((directory) => directory.close())]);
    }
  }

  async abort(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#close();
    await rm(this.#partial, { force: true });
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }
}

/** What is left of `pieces` after their first `byteCount` bytes. */
function after(pieces: readonly Buffer[], byteCount: number): Buffer[] {
  let skip = byteCount;
  for (const [index, piece] of pieces.entries()) {
    if (skip < piece.length) return [piece.subarray(skip), ...pieces.slice(index + 1)];
    skip -= piece.length;
  }
  return [];
}

async function* filesBelow(directory: string): AsyncIterable<string> {
  let entries: Awaited<ReturnType<typeof opendir>>;
  try {
    entries = await opendir(directory);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  for await (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
