/**
 * Measures what tracing costs a small upload: CPU and memory of one upload API, in rounds that take turns, so that what else the
 * machine does falls on all alike. Prints a table in Markdown; asserts nothing.
 *
 *   node services/testing/bench/tracing.ts [--rounds 4] [--seconds 8]
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { type ArweaveJwk, generateJwk } from '@bundler/ans104';
import { closedLoop } from './load/closed-loop.ts';
import { type Corpus, makeCorpus } from './load/corpus.ts';
import { markdownTable, mib } from './report/format.ts';
import { cpuBetween, readCpu } from './system/cpu.ts';
import { parseResident } from './system/memory.ts';
import { withStack } from './system/stack.ts';

interface Measured {
  /** CPU of the process for each upload, microseconds. */
  readonly cpu: number;
  /** Bytes resident after the load. */
  readonly resident: number;
  /** Bytes that the collector got for each upload. */
  readonly sent: number;
}

const CONNECTIONS = 8;
const WARM_UP_SECONDS = 3;
/** Share of uploads that is traced, percent; undefined is off. */
const MODES = [undefined, 0, 5, 100] as const;

const { values } = parseArgs({ options: { rounds: { type: 'string' }, seconds: { type: 'string' } } });
const rounds = Number(values.rounds ?? 4);
const seconds = Number(values.seconds ?? 8);

/** Takes whatever comes and says so, and counts bytes. */
let received = 0;
const collector = createServer((request, response) => {
  request.on('data', (bytes: Buffer) => {
    received += bytes.length;
  });
  request.on('end', () => response.end());
});
await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;

const jwk = await generateJwk();
const plan = { signer: 'ed25519', jwk, payloadBytes: 1024, count: 500 * (seconds + WARM_UP_SECONDS) } as const;
const corpus = await makeCorpus(plan, () => undefined);
const measured = new Map<(typeof MODES)[number], Measured[]>(MODES.map((mode) => [mode, []]));
for (let round = 1; round <= rounds; round += 1) {
  // Each mode is first, second and so on as often as the others: what came before leaves its mark on disks and caches.
  const turn = round % MODES.length;
  for (const mode of [...MODES.slice(turn), ...MODES.slice(0, turn)]) {
    const figures = await measure(mode, jwk, corpus);
    measured.get(mode)!.push(figures);
    process.stderr.write(`round ${round}, ${nameOf(mode)}: ${figures.cpu.toFixed(0)} us\n`);
  }
}
collector.close();
process.stdout.write(`${markdownTable(table())}\n`);

function measure(mode: (typeof MODES)[number], wallet: ArweaveJwk, items: Corpus): Promise<Measured> {
  const env = {
    TRACING_ENABLED: String(mode !== undefined),
    TRACING_ENDPOINT: endpoint,
    TRACING_SAMPLE_PERCENT: String(mode ?? 0),
  };
  return withStack({ jwk: wallet, apis: 1, workers: 0, env }, async ({ apis, uploadUrls }) => {
    const { pid } = apis[0]!;
    const look = () => ({ cpu: readCpu({ api: [pid] }), received });
    const moments: ReturnType<typeof look>[] = [];
    const loop = { kind: 'closed', urls: uploadUrls, path: '/v1/tx', connections: CONNECTIONS, seconds } as const;
    const run = await closedLoop({ ...loop, warmUpSeconds: WARM_UP_SECONDS }, items, () => moments.push(look()));
    const [before, after] = moments as [ReturnType<typeof look>, ReturnType<typeof look>];
    const { accepted } = run.tally.summary();
    if (run.ranOut || accepted === 0) throw new Error(`${accepted} uploads were accepted; items left: ${!run.ranOut}`);
    return {
      cpu: (cpuBetween(before.cpu, after.cpu).api! * 1e6) / accepted,
      resident: parseResident(readFileSync(`/proc/${pid}/status`, 'utf8')),
      sent: (after.received - before.received) / accepted,
    };
  });
}

function nameOf(mode: (typeof MODES)[number]): string {
  return mode === undefined ? 'off' : `on, ${mode} %`;
}

/** Medians, and shares of what it is without. */
function table(): string[][] {
  const of = (mode: (typeof MODES)[number], field: keyof Measured): number => {
    const sorted = measured
      .get(mode)!
      .map((figures) => figures[field])
      .toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)]!;
  };
  return [
    ['tracing', 'CPU of an upload, us', 'of off', 'memory, MiB', 'bytes sent for an upload'],
    ...MODES.map((mode) => [
      nameOf(mode),
      of(mode, 'cpu').toFixed(0),
      (of(mode, 'cpu') / of(undefined, 'cpu')).toFixed(3),
      mib(of(mode, 'resident')),
      of(mode, 'sent').toFixed(0),
    ]),
  ];
}
