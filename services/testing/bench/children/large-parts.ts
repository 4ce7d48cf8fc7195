import { randomBytes } from 'node:crypto';
import { type ArweaveJwk, arweaveSigner, createDataItemHeader } from '@bundler/ans104';
import type { MultipartStatus } from '@bundler/contract';
import { MultipartClient } from '../../src/multipart/multipart-client.ts';
import { asChild } from '../child.ts';

export interface LargePartsInput {
  readonly url: string;
  readonly payloadBytes: number;
  readonly chunkBytes: number;
  /** Parts that are sent at the same time. */
  readonly concurrency: number;
  readonly jwk: ArweaveJwk;
}

export interface LargePartsResult {
  readonly byteCount: number;
  readonly parts: number;
  /** From the first byte of the first part to the answer to the last, seconds. */
  readonly sendSeconds: number;
  /** From then to the receipt. */
  readonly finalizeSeconds: number;
}

/** The payload is this block again and again: what is measured must not wait for random bytes. */
const block = randomBytes(1024 * 1024);

/** Uploads one item as the SDK does, parts side by side. */
asChild(async (input: LargePartsInput, parent): Promise<LargePartsResult> => {
  const { chunkBytes, concurrency, jwk, payloadBytes, url } = input;
  const client = new MultipartClient(url);
  const header = await createDataItemHeader({
    signer: arweaveSigner(jwk),
    anchor: randomBytes(32),
    payload: payload(payloadBytes),
  });
  const byteCount = header.length + payloadBytes;
  const uploadId = await client.open(chunkBytes);
  await parent.ready();

  const start = performance.now();
  let next = 0;
  const sendSome = async (): Promise<void> => {
    for (let offset = next; offset < byteCount; offset = next) {
      next += chunkBytes;
      const answer = await client.send(
        uploadId,
        offset,
        slice(header, offset, Math.min(offset + chunkBytes, byteCount)),
      );
      if (answer.status !== 200) throw new Error(`part at ${offset}: ${answer.status} ${await answer.text()}`);
      await answer.text();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sendSome));
  const sent = performance.now();
  await finalize(client, uploadId);
  return {
    byteCount,
    parts: Math.ceil(byteCount / chunkBytes),
    sendSeconds: (sent - start) / 1000,
    finalizeSeconds: (performance.now() - sent) / 1000,
  };
});

async function* payload(byteCount: number): AsyncIterable<Buffer> {
  for (let left = byteCount; left > 0; left -= block.length) yield block.subarray(0, left);
}

/** The bytes of the item from `start` up to but not including `end`. */
function slice(header: Buffer, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  let filled = start < header.length ? header.copy(bytes, 0, start, Math.min(end, header.length)) : 0;
  while (filled < bytes.length) filled += block.copy(bytes, filled, (start + filled - header.length) % block.length);
  return bytes;
}

async function finalize(client: MultipartClient, uploadId: string): Promise<void> {
  const asked = await client.finalize(uploadId);
  if (asked.status !== 202) throw new Error(`finalize: ${asked.status} ${await asked.text()}`);
  await asked.text();
  for (;;) {
    const { status } = (await (await client.status(uploadId)).json()) as MultipartStatus;
    if (status === 'FINALIZED') return;
    if (status !== 'VALIDATING' && status !== 'FINALIZING') throw new Error(`the upload ended as ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
