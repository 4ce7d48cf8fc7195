import { createCipheriv, createHash, type Hash, randomBytes } from 'node:crypto';

const BLOCK_BYTES = 1024 * 1024;
const zeros = Buffer.alloc(BLOCK_BYTES);

/** Bytes of which no two chunks are equal, as fast as AES can make them; the same key makes the same again. */
export async function* payload(key: Buffer, byteCount: number): AsyncGenerator<Buffer> {
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  for (let left = byteCount; left > 0; left -= BLOCK_BYTES) yield cipher.update(zeros.subarray(0, left));
}

/** A key for a payload of its own. */
export const newKey = (): Buffer => randomBytes(32);

/** Passes bytes on and takes them into a hash. */
export async function* hashed(pieces: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}

/** What two sides of a transfer compare. */
export const newHash = (): Hash => createHash('sha256');
