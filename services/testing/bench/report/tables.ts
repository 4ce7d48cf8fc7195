import { median, sum } from '../load/percentile.ts';
import type { UploadRound } from '../parts/uploads.ts';
import { figure } from './format.ts';
import type { Judged } from './goals.ts';
import { besideSigning, perUpload } from './per-upload.ts';
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

/** Every level of small uploads, of several rounds the middle of each figure; shares are of S beside the round. */
export function uploadsTable({ uploads = [] }: BenchResults): Table {
  return [
    [
      'item',
      'connections',
      'rounds',
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
    ...byLevel(uploads).map(({ item, connections, rounds }) => {
      const middle = (figureOf: (round: UploadRound) => number): string => figure(median(rounds.map(figureOf)));
      return [
        item,
        connections,
        String(rounds.length),
        middle((round) => perUpload(round).perSecond),
        middle((round) => besideSigning(round).shareOfS),
        middle(({ load }) => load.p50),
        middle(({ load }) => load.p99),
        middle((round) => perUpload(round).cpuMs),
        middle((round) => besideSigning(round).cpuLessSignatureMs),
        middle((round) => besideSigning(round).cpuLessGatewayMs),
        middle(({ groupSize }) => groupSize),
        String(sum(rounds.map(({ load }) => sum(Object.values(load.answers)) - load.accepted))),
      ];
    }),
  ];
}

/** CPU per upload of each part of the platform, milliseconds; of several rounds the middle of each. */
export function cpuTable({ uploads = [] }: BenchResults): Table {
  const groups = Object.keys(uploads[0]?.cpu ?? {});
  return [
    ['item', 'connections', ...groups],
    ...byLevel(uploads).map(({ item, connections, rounds }) => [
      item,
      connections,
      ...groups.map((group) => figure(median(rounds.map((round) => perUpload(round).cpuMsByPart[group] ?? 0)))),
    ]),
  ];
}

/** The rounds of each level, in the order in which levels first ran. */
function byLevel(uploads: readonly UploadRound[]) {
  const itemOf = ({ payloadBytes, signer }: UploadRound): string => `${payloadBytes / 1024} KiB ${signer}`;
  const levels = Map.groupBy(uploads, (round) => `${itemOf(round)} ${round.connections}`);
  return [...levels.values()].map((rounds) => {
    const [first] = rounds as [UploadRound, ...UploadRound[]];
    return { item: itemOf(first), connections: String(first.connections), rounds };
  });
}

/** The rounds at those levels that ran more than once, in their order: what the goals' figures are the middle of. */
export function roundsTable({ uploads = [] }: BenchResults): Table {
  return [
    ['item', 'connections', 'S', 'uploads/s', 'of S', 'p99 ms', 'CPU ms', 'less signature'],
    ...byLevel(uploads)
      .filter(({ rounds }) => rounds.length > 1)
      .flatMap(({ item, connections, rounds }) =>
        rounds.map((round) => {
          const { cpuLessSignatureMs, shareOfS } = besideSigning(round);
          const { cpuMs, perSecond } = perUpload(round);
          const values = [round.signing.perSecond, perSecond, shareOfS, round.load.p99, cpuMs, cpuLessSignatureMs];
          return [item, connections, ...values.map(figure)];
        }),
      ),
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
