import { randomBytes } from 'node:crypto';
import { type ArweaveJwk, arweaveSigner, createDataItemHeader } from '@bundler/ans104';
import { postStream } from '../../src/post-stream.ts';
import { asChild } from '../child.ts';

export interface LargePostsInput {
  /** One upload each, all at once. */
  readonly urls: readonly string[];
  readonly payloadBytes: number;
  readonly jwk: ArweaveJwk;
  /** The payload alone is sent, for the service to sign. */
  readonly unsigned?: boolean;
}

export interface LargePostsResult {
  /** From the first byte of the first to the last answer, seconds. */
  readonly seconds: number;
  /** Bytes of all items, headers included. */
  readonly byteCount: number;
}

/** The payload is this block again and again: what is measured must not wait for random bytes. */
const BLOCK_BYTES = 1024 * 1024;
const block = randomBytes(BLOCK_BYTES);

asChild(async ({ urls, payloadBytes, jwk, unsigned = false }: LargePostsInput, parent): Promise<LargePostsResult> => {
  const signer = arweaveSigner(jwk);
  const headers: Buffer[] = [];
  for (const _ of urls) {
    const header = { signer, anchor: randomBytes(32), payload: payload(payloadBytes) };
    headers.push(unsigned ? Buffer.alloc(0) : await createDataItemHeader(header));
  }
  await parent.ready();
  const start = performance.now();
  const sizes = headers.map((header) => header.length + payloadBytes);
  await Promise.all(urls.map((url, at) => postStream(url, headers[at]!, payload(payloadBytes), sizes[at]!)));
  const byteCount = sizes.reduce((sum, size) => sum + size, 0);
  return { seconds: (performance.now() - start) / 1000, byteCount };
});

async function* payload(byteCount: number): AsyncIterable<Buffer> {
  for (let left = byteCount; left > 0; left -= BLOCK_BYTES) yield block.subarray(0, left);
}
