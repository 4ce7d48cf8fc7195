import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type ArweaveJwk, arweaveSigner, createDataItemHeader } from '@bundler/ans104';
import { asChild } from '../../bench/child.ts';
import { hashed, newHash, newKey, payload } from '../payload.ts';

export interface SenderInput {
  /** Where items are posted to. */
  readonly url: string;
  readonly payloadBytes: number;
  readonly jwk: ArweaveJwk;
}

export interface Sent {
  readonly id: string;
  /** Bytes of the item, header included. */
  readonly byteCount: number;
  /** SHA-256 of its payload. */
  readonly sha256: string;
  /** From the first byte to the receipt. */
  readonly seconds: number;
}

/** Signs an item of that size and posts it, by one request; nothing of it is ever in memory as a whole. */
asChild(async ({ url, payloadBytes, jwk }: SenderInput, parent): Promise<Sent> => {
  const key = newKey();
  const hash = newHash();
  const header = await createDataItemHeader({
    signer: arweaveSigner(jwk),
    anchor: randomBytes(32),
    payload: hashed(payload(key, payloadBytes), hash),
  });
  const signature = header.subarray(2, 514);
  await parent.ready();
  const start = performance.now();
  await post(url, header, payload(key, payloadBytes), header.length + payloadBytes);
  return {
    id: createHash('sha256').update(signature).digest('base64url'),
    byteCount: header.length + payloadBytes,
    sha256: hash.digest('hex'),
    seconds: (performance.now() - start) / 1000,
  };
});

async function post(url: string, header: Buffer, pieces: AsyncIterable<Buffer>, byteCount: number): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream', 'content-length': byteCount };
  const sending = request(url, { method: 'POST', headers });
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  sending.write(header);
  for await (const piece of pieces) {
    if (!sending.write(piece)) await Promise.race([once(sending, 'drain'), answered]);
  }
  sending.end();
  const [response] = await answered;
  let text = '';
  for await (const piece of response) text += piece;
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}: ${text}`);
}
