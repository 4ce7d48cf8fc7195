/**
 * What reading and verifying data items costs. Run: node services/ans104/bench/verify.ts
 *
 * "loop" is CPU of the event loop's thread, "all" that of the whole process, both in µs per operation; "wall" is the
 * time that passed, with `CONCURRENCY` operations under way.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type ArweaveJwk,
  arweaveSigner,
  closeSignatureThread,
  createDataItem,
  DataItemVerifier,
  deepHash,
  ed25519Signer,
  ethereumSigner,
  parseDataItemHeader,
  type Signer,
  typedEthereumSigner,
  verifyDataItem,
} from '../src/index.ts';

const CONCURRENCY = 32;
const KIB = 1024;
const MIB = KIB * KIB;

async function measure(name: string, count: number, operation: () => unknown): Promise<void> {
  await run(Math.ceil(count / 10), operation);
  const loop = process.threadCpuUsage();
  const all = process.cpuUsage();
  const start = performance.now();
  await run(count, operation);
  const wall = ((performance.now() - start) * 1000) / count;
  const loopSpent = process.threadCpuUsage(loop);
  const allSpent = process.cpuUsage(all);
  const format = (value: number): string => value.toFixed(1).padStart(9);
  const loopMicros = (loopSpent.user + loopSpent.system) / count;
  const allMicros = (allSpent.user + allSpent.system) / count;
  console.log(`${name.padEnd(34)} loop${format(loopMicros)}  all${format(allMicros)}  wall${format(wall)}`);
}

async function run(count: number, operation: () => unknown): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await operation();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}

async function mustBeValid(item: Uint8Array): Promise<void> {
  const { valid } = await verifyDataItem(item);
  if (!valid) throw new Error('the benchmark made an item that does not verify');
}

async function stream(signer: Signer, byteCount: number, chunkByteCount: number): Promise<void> {
  const item = await createDataItem({ signer, data: randomBytes(byteCount) });
  const start = performance.now();
  const verifier = new DataItemVerifier();
  for (let offset = 0; offset < item.length; offset += chunkByteCount) {
    verifier.write(item.subarray(offset, offset + chunkByteCount));
  }
  const { valid } = await verifier.finish();
  const rate = item.length / 1e6 / ((performance.now() - start) / 1000);
  console.log(`stream ${byteCount / MIB} MiB, ${chunkByteCount / KIB} KiB chunks: ${rate.toFixed(0)} MB/s, ${valid}`);
}

const fixture = new URL('../vectors/test-only-wallet.json', import.meta.url);
const arweave = arweaveSigner(JSON.parse(readFileSync(fixture, 'utf8')) as ArweaveJwk);
const signers = {
  arweave,
  ed25519: ed25519Signer(randomBytes(32)),
  ethereum: ethereumSigner(randomBytes(32)),
  typedEthereum: typedEthereumSigner(randomBytes(32)),
};
const tags = [
  { name: 'Content-Type', value: 'text/plain' },
  { name: 'App-Name', value: 'Benchmark' },
];

console.log(`Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, µs per operation`);
const small = await createDataItem({ signer: arweave, data: randomBytes(KIB), tags });
await measure('parse header, 2 tags', 100_000, () => parseDataItemHeader(small));
const receipt = ['Bundlr', '0.2.0', 'x'.repeat(43), '1000000', '1700000000000'].map((text) => Buffer.from(text));
await measure('deep hash of a receipt', 50_000, () => deepHash(receipt));
for (const [name, signer] of Object.entries(signers)) {
  const item = await createDataItem({ signer, data: randomBytes(KIB), tags });
  await measure(`verify 1 KiB ${name}`, 10_000, () => mustBeValid(item));
}
const larger = await createDataItem({ signer: arweave, data: randomBytes(100 * KIB), tags });
await measure('verify 100 KiB arweave', 3_000, () => mustBeValid(larger));
await stream(signers.ed25519, 256 * MIB, 64 * KIB);
await closeSignatureThread();
