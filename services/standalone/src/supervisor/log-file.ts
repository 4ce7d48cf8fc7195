import { type FileHandle, open, rename } from 'node:fs/promises';
import { Writable } from 'node:stream';

/** A log file that is kept small: beyond `maxBytes` it becomes `<path>.1`, the one before is forgotten. */
export class LogFile extends Writable {
  readonly #path: string;
  readonly #maxBytes: number;
  #file: FileHandle | undefined;
  #size = 0;

  constructor(path: string, maxBytes: number) {
    super();
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#append(chunk).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    Promise.resolve(this.#file?.close()).then(() => done(), done);
  }

  async #append(chunk: Buffer): Promise<void> {
    if (this.#size > 0 && this.#size + chunk.length > this.#maxBytes) await this.#rotate();
    if (!this.#file) {
      this.#file = await open(this.#path, 'a');
      this.#size = (await this.#file.stat()).size;
    }
    await this.#file.write(chunk);
    this.#size += chunk.length;
  }

  async #rotate(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    await rename(this.#path, `${this.#path}.1`);
  }
}
