/**
 * Proves on this machine that an item larger than a bundle becomes permanent: posts one, kills the worker half way through
 * its chunks, reads it back and compares the hashes, while the memory of every process that the bytes pass through is
 * watched. Ends with 1 when a figure is not what it must be. Needs three times the size on disk and deletes all of it.
 *
 *   SIZE_MIB=3072 node services/testing/oversized/main.ts
 */
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { generateJwk } from '@bundler/ans104';
import { settings } from '@bundler/contract';
import { textTable } from '../bench/report/format.ts';
import { stopAllStacks } from '../bench/system/stack.ts';
import { prove } from './prove.ts';
import { checksOf, figuresOf } from './report.ts';

const MIB = 1024 * 1024;
const DEFAULT_SIZE_MIB = 3072;
/** How often the size has to fit on disk: in the object store, in the gateway, and what remains for everything else. */
const COPIES = 3;

function readSize(text: string): number {
  const largest = settings.maxDataItemSize.default / MIB - 1;
  const size = Number(text);
  if (Number.isInteger(size) && size >= 64 && size <= largest) return size;
  throw new Error(`SIZE_MIB=${text}: expected a whole number from 64 to ${largest}`);
}

async function refuseWithoutDisk(sizeMib: number): Promise<void> {
  const { bavail, bsize } = await statfs(tmpdir());
  const free = Math.floor((bavail * bsize) / MIB);
  if (free < COPIES * sizeMib) throw new Error(`${tmpdir()} has ${free} MiB free, but ${COPIES * sizeMib} are needed`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAllStacks().finally(() => process.exit(1)));
}
const sizeMib = readSize(process.env.SIZE_MIB || String(DEFAULT_SIZE_MIB));
await refuseWithoutDisk(sizeMib);
const proof = await prove(sizeMib, await generateJwk(), (line) => console.log(line));
const checks = checksOf(proof);
console.log(
  `\n${textTable(figuresOf(proof))}\n\n${textTable([['', 'verdict'], ...checks.map(({ what, met }) => [what, met ? 'yes' : 'NO'])])}`,
);
process.exitCode = checks.every(({ met }) => met) ? 0 : 1;
