import { sum } from '../load/percentile.ts';
import { figure } from './format.ts';
import type { Judged } from './goals.ts';
import { meanSigning, perUpload, signatureCpuMs } from './per-upload.ts';
import type { BenchResults } from './results.ts';

type Table = readonly (readonly string[])[];

/** The closing table: each goal and what became of it. */
export function goalsTable(judged: readonly Judged[]): Table {
  return [
    ['', 'goal', 'stretch', 'measured', 'of goal', 'verdict'],
    ...judged.map(({ better, goal, measured, name, ratio, stretch, unit, verdict }) => {
      const sign = better === 'higher' ? '≥' : '≤';
      const limit = (value: number | undefined): string => (value === undefined ? '-' : `${sign} ${value} ${unit}`);
      const value = measured === undefined ? '-' : `${figure(measured)} ${unit}`;
      return [name, limit(goal), limit(stretch), value, ratio === undefined ? '-' : figure(ratio), verdict];
    }),
  ];
}

/** Every level of small uploads; shares are of the run's mean S. */
export function uploadsTable(results: BenchResults): Table {
  const { uploads = [] } = results;
  const s = meanSigning(results);
  const signature = signatureCpuMs(results);
  return [
    [
      'item',
      'connections',
      'uploads/s',
      'of S',
      'p50 ms',
      'p99 ms',
      'CPU ms',
      'less signature',
      'less gateway too',
      'items a group',
      'not 200',
    ],
    ...uploads.map((level) => {
      const { cpuMs, cpuWithoutGatewayMs, perSecond } = perUpload(level);
      const { accepted, answers, p50, p99 } = level.load;
      const all = sum(Object.values(answers));
      return [
        `${level.payloadBytes / 1024} KiB ${level.signer}`,
        String(level.connections),
        figure(perSecond),
        figure(perSecond / s),
        figure(p50),
        figure(p99),
        figure(cpuMs),
        figure(cpuMs - signature),
        figure(cpuWithoutGatewayMs - signature),
        figure(level.groupSize),
        String(all - accepted),
      ];
    }),
  ];
}

/** CPU per upload of each part of the platform, milliseconds. */
export function cpuTable({ uploads = [] }: BenchResults): Table {
  const groups = Object.keys(uploads[0]?.cpu ?? {});
  return [
    ['item', 'connections', ...groups],
    ...uploads.map((level) => [
      `${level.payloadBytes / 1024} KiB ${level.signer}`,
      String(level.connections),
      ...groups.map((group) => figure(perUpload(level).cpuMsByPart[group] ?? 0)),
    ]),
  ];
}

/** The open-loop rounds, in the order in which they ran. */
export function openTable({ open = [] }: BenchResults): Table {
  return [
    [
      'arrivals',
      'a second',
      'accepted/s',
      'p50 ms',
      'p99 ms',
      'refused',
      'with Retry-After',
      'errors',
      'sent late',
      'p99 from sending',
    ],
    ...open.map(({ load, perSecond, timesS }) => {
      const all = sum(Object.values(load.answers));
      return [
        `${timesS} S`,
        figure(perSecond),
        figure(load.accepted / load.seconds),
        figure(load.p50),
        figure(load.p99),
        String(load.refused.count),
        String(load.refused.withRetryAfter),
        String(all - load.accepted - load.refused.count),
        String(load.late),
        figure(load.p99FromSending ?? Number.NaN),
      ];
    }),
  ];
}
