import { randomBytes } from 'node:crypto';
import { type ArweaveJwk, arweaveSigner, createDataItemHeader, parseDataItemHeader } from '@bundler/ans104';
import { asChild } from '../../bench/child.ts';
import { postStream } from '../../src/post-stream.ts';
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
  await parent.ready();
  const start = performance.now();
  await postStream(url, header, payload(key, payloadBytes), header.length + payloadBytes);
  return {
    id: parseDataItemHeader(header)!.id.toString('base64url'),
    byteCount: header.length + payloadBytes,
    sha256: hash.digest('hex'),
    seconds: (performance.now() - start) / 1000,
  };
});
