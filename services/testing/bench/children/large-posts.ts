import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { type ArweaveJwk, arweaveSigner, createDataItemHeader } from '@bundler/ans104';
import { asChild } from '../child.ts';

export interface LargePostsInput {
  /** One upload each, all at once. */
  readonly urls: readonly string[];
  readonly payloadBytes: number;
  readonly jwk: ArweaveJwk;
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

asChild(async ({ urls, payloadBytes, jwk }: LargePostsInput, parent): Promise<LargePostsResult> => {
  const signer = arweaveSigner(jwk);
  const headers: Buffer[] = [];
  for (const _ of urls) {
    headers.push(await createDataItemHeader({ signer, anchor: randomBytes(32), payload: payload(payloadBytes) }));
  }
  await parent.ready();
  const start = performance.now();
  await Promise.all(urls.map((url, index) => post(url, headers[index]!, payloadBytes)));
  const byteCount = headers.reduce((sum, header) => sum + header.length + payloadBytes, 0);
  return { seconds: (performance.now() - start) / 1000, byteCount };
});

async function* payload(byteCount: number): AsyncIterable<Buffer> {
  for (let left = byteCount; left > 0; left -= BLOCK_BYTES) yield block.subarray(0, left);
}

async function post(url: string, header: Buffer, payloadBytes: number): Promise<void> {
  const sending = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'content-length': header.length + payloadBytes },
  });
  const answered = once(sending, 'response');
  sending.write(header);
  for await (const piece of payload(payloadBytes)) {
    if (!sending.write(piece)) await Promise.race([once(sending, 'drain'), answered]);
  }
  sending.end();
  const [response] = await answered;
  let text = '';
  for await (const piece of response) text += piece;
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}: ${text}`);
}
