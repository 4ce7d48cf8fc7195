import { mib } from '../bench/report/format.ts';
import type { Proof } from './prove.ts';

/** Chunks that a killed worker repeats at most. */
const STRIDE = 64;
/** What a process may take beyond what it took at rest, however large the item. */
const MOST_GROWTH = 256 * 1024 * 1024;

/** The figures of a run, as a table. */
export function figuresOf({ sent, read, reached, small, killedAt, bundle, chunkPosts, memory }: Proof): string[][] {
  const rate = (byteCount: number, seconds: number): string =>
    `${seconds.toFixed(1)} s (${(byteCount / 1e6 / seconds).toFixed(0)} MB/s)`;
  const since = (state: string): string => `${reached[state]?.toFixed(1) ?? '?'} s`;
  return [
    ['figure', 'measured'],
    ['size of the item', `${sent.byteCount} bytes`],
    ['from its first byte to its receipt', rate(sent.byteCount, sent.seconds)],
    ['from then until its transaction was posted', since('posted')],
    ['worker killed after', `${killedAt} of ${bundle.chunks} chunks`],
    ['until its chunks were posted', since('seeded')],
    ['until it was permanent', since('permanent')],
    [`until ${small.count} small items sent beside it were permanent`, `${small.seconds.toFixed(1)} s`],
    ['chunks posted in all, those of small items included', String(chunkPosts)],
    ['read back through the gateway', rate(read.byteCount, read.seconds)],
    ...memory.map(({ name, baseline, peak }) => [
      `memory of the ${name}`,
      `${mib(baseline)} MiB at first, ${mib(peak)} at most`,
    ]),
  ];
}

/** What a run must have shown. */
export function checksOf(proof: Proof): { what: string; met: boolean }[] {
  const { sent, read, bundle, chunkPosts, places, memory, small, sizeMib } = proof;
  // The small items are in bundles of a few chunks each.
  const otherChunks = small.count;
  return [
    { what: 'it travelled alone, in its own lane', met: bundle.oversized && bundle.items === 1 },
    { what: 'its bytes are identical', met: read.sha256 === sent.sha256 && read.byteCount === sizeMib * 1024 * 1024 },
    { what: 'it is in one place on the network', met: places === 1 },
    {
      what: `a killed worker repeated at most ${STRIDE} chunks`,
      met: chunkPosts <= bundle.chunks + STRIDE + otherChunks,
    },
    ...memory.map(({ name, baseline, peak }) => ({
      what: `the ${name} took at most ${mib(MOST_GROWTH)} MiB more than at first`,
      met: peak - baseline <= MOST_GROWTH,
    })),
  ];
}
