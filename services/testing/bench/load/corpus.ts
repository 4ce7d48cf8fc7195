import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { type ArweaveJwk, arweaveSigner, createDataItemHeader, ed25519Signer, type Signer } from '@bundler/ans104';

/** What to send: items that are signed before the clock runs, or bytes that nobody signed. */
export interface CorpusPlan {
  readonly signer: 'rsa' | 'ed25519' | 'none';
  /** The wallet that signs RSA items. */
  readonly jwk: ArweaveJwk;
  readonly payloadBytes: number;
  readonly count: number;
}

/** Items with headers of their own and one payload: memory holds the payload once. */
export interface Corpus {
  readonly headers: readonly Buffer[];
  readonly payload: Buffer;
}

/** About the header of an RSA item with two tags. */
const UNSIGNED_HEADER_BYTES = 1100;
const TAGS = [
  { name: 'Content-Type', value: 'application/octet-stream' },
  { name: 'App-Name', value: 'Benchmark' },
];

/** Makes a corpus, as many signatures under way as there are cores. @param onProgress is told how many there are */
export async function makeCorpus(plan: CorpusPlan, onProgress: (made: number) => void): Promise<Corpus> {
  const payload = randomBytes(plan.payloadBytes);
  if (plan.signer === 'none') {
    const header = randomBytes(UNSIGNED_HEADER_BYTES);
    return { headers: Array.from({ length: plan.count }, () => header), payload };
  }
  const signer = plan.signer === 'rsa' ? arweaveSigner(plan.jwk) : ed25519Signer(randomBytes(32));
  const headers: Buffer[] = [];
  let left = plan.count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      headers.push(await signHeader(signer, payload));
      if (headers.length % 500 === 0) onProgress(headers.length);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return { headers, payload };
}

/**
 * Joins headers to the payload, one item at a time in the same bytes: the one before is gone then. With bytes of its own for each,
 * the load tool would spend as much on collecting garbage as on sending, on the cores of what it measures.
 */
export function itemJoiner({ payload }: Corpus): (header: Buffer) => Buffer {
  let item = Buffer.alloc(0);
  return (header) => {
    if (item.length === header.length + payload.length) header.copy(item);
    else item = Buffer.concat([header, payload]);
    return item;
  };
}

function signHeader(signer: Signer, payload: Buffer): Promise<Buffer> {
  return createDataItemHeader({ signer, tags: TAGS, anchor: randomBytes(32), payload: once(payload) });
}

async function* once(payload: Buffer): AsyncIterable<Buffer> {
  yield payload;
}
