import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createDataItemHeader, type Signer, signatureTypes } from '@bundler/ans104';
import { type SizeCategory, sizeCategory } from '@bundler/contract';
import { type MixName, mixes, signersOf } from './mixes.ts';

/** One item: its id, where its header is in `headers.bin`, how much of `payload.bin` follows it, its class and its signature. */
export type IndexRow = readonly [
  id: string,
  at: number,
  headerBytes: number,
  payloadBytes: number,
  size: SizeCategory,
  signature: string,
];

export interface CorpusOptions {
  readonly items: number;
  readonly mix: MixName;
  /** One size for all payloads instead of the mix's, bytes. */
  readonly payloadBytes?: number | undefined;
  /** Made when missing. */
  readonly directory: string;
  /** Told how many items are signed, every second or so. */
  readonly onProgress: (signed: number) => void;
}

const PROGRESS_MS = 1000;
/** Payloads are beginnings of one file, which repeats this many random bytes. */
const NOISE_BYTES = 1024 * 1024;

/**
 * Signs items for a load test with wallets made for it, and writes them where k6 finds them: `headers.bin`, `payload.bin` and
 * `index.json`. Payloads are beginnings of one file, so that thousands of items fit into the memory of the test. Each item
 * has an anchor of its own: no two, of this corpus or another, have one id.
 */
export async function makeCorpus(options: CorpusOptions): Promise<void> {
  const { directory, items, mix } = options;
  await mkdir(directory, { recursive: true });
  const noise = randomBytes(NOISE_BYTES);
  const signers = await signersOf(mix);
  const sizes = Array.from({ length: items }, (_, index) => options.payloadBytes ?? sizeOf(mix, index));
  const headers = createWriteStream(join(directory, 'headers.bin'));
  const index: IndexRow[] = [];
  let [at, next, told] = [0, 0, performance.now()];
  // As many signatures under way as there are cores.
  const lane = async (): Promise<void> => {
    while (next < items) {
      const position = next++;
      const payloadBytes = sizes[position]!;
      const signer = inTurn(signers, position, STEPS.signer);
      const header = await signHeader(signer, noise, payloadBytes);
      index.push(row(header, at, payloadBytes, signer));
      at += header.length;
      headers.write(header);
      if (performance.now() - told > PROGRESS_MS) {
        told = performance.now();
        options.onProgress(index.length);
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  headers.end();
  await finished(headers);
  const longest = sizes.reduce((most, bytes) => Math.max(most, bytes), 0);
  await writeFile(join(directory, 'payload.bin'), repeated(noise, longest));
  await writeFile(join(directory, 'index.json'), JSON.stringify(index));
}

function row(header: Buffer, at: number, payloadBytes: number, { signatureType }: Signer): IndexRow {
  const { name, signatureLength } = signatureTypes[signatureType];
  // The signature stands behind the two bytes of its type.
  const id = createHash('sha256')
    .update(header.subarray(2, 2 + signatureLength))
    .digest('base64url');
  return [id, at, header.length, payloadBytes, sizeCategory(header.length + payloadBytes), name];
}

/** Steps that never come back to where they were spread shares evenly over any part of the corpus; three that have nothing to do with each other. */
const STEPS = { signer: Math.sqrt(5), size: Math.sqrt(2), bytes: Math.sqrt(3) };

/** The entry whose turn it is. */
function inTurn<Value>(shares: readonly (readonly [Value, number])[], position: number, step: number): Value {
  const total = shares.reduce((sum, [, share]) => sum + share, 0);
  let left = ((position * step) % 1) * total;
  for (const [value, share] of shares) {
    left -= share;
    if (left < 0) return value;
  }
  return shares[0]![0];
}

function sizeOf(mix: MixName, position: number): number {
  const sizes = mixes[mix].sizes.map(({ share, bytes }) => [bytes, share] as const);
  const [least, most] = inTurn<readonly [number, number]>(sizes, position, STEPS.size);
  return Math.round(least * (most / least) ** ((position * STEPS.bytes) % 1));
}

function signHeader(signer: Signer, noise: Buffer, payloadBytes: number): Promise<Buffer> {
  const tags = [
    { name: 'Content-Type', value: 'application/octet-stream' },
    { name: 'App-Name', value: 'Load-Test' },
  ];
  return createDataItemHeader({ signer, tags, anchor: randomBytes(32), payload: repeated(noise, payloadBytes) });
}

async function* repeated(noise: Buffer, byteCount: number): AsyncIterable<Buffer> {
  for (let left = byteCount; left > 0; left -= noise.length) yield noise.subarray(0, Math.min(left, noise.length));
}
