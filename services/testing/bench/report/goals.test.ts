import type { LoadResult } from '../children/load-tool.ts';
import type { SigningRate } from '../children/signing-rate.ts';
import type { UploadRound } from '../parts/uploads.ts';
import { type Goal, goals, judge } from './goals.ts';
import type { BenchResults } from './results.ts';
import { goalsTable, roundsTable, uploadsTable } from './tables.ts';

const load: LoadResult = {
  accepted: 4000,
  answers: { 200: 4000 },
  p50: 50,
  p99: 90,
  refused: { count: 0, withRetryAfter: 0, p50: Number.NaN },
  seconds: 5,
  ranOut: false,
  late: 0,
  p99FromSending: 80,
  maxInFlight: 50,
  receiptsChecked: 64,
  receiptsInvalid: 0,
};
const overload: LoadResult = {
  ...load,
  answers: { 200: 4000, 503: 5000, ECONNRESET: 1000 },
  refused: { count: 5000, withRetryAfter: 4500, p50: 1 },
};
const cpu = { API: 7, workers: 0.4, PostgreSQL: 0.4, Redis: 0.1, gateway: 0.1 };
const uploadRound = (signing: SigningRate, other: Partial<UploadRound> = {}): UploadRound => ({
  signer: 'rsa',
  payloadBytes: 1024,
  connections: 50,
  load,
  cpu,
  groupSize: 5,
  signing,
  ...other,
});
const results: BenchResults = {
  startedAt: '2020-01-01T00:00:00.000Z',
  seconds: 300,
  options: {
    parts: ['uploads', 'open'],
    seconds: 5,
    warmUpSeconds: 2,
    apis: 2,
    workers: 1,
    largeMib: 1024,
    tenFull: false,
    markdown: undefined,
  },
  machine: {
    processor: 'a processor',
    cores: 2,
    memoryGiB: 8,
    kernel: '6',
    node: '24',
    openssl: '3.5',
    postgres: { version: '18', fsync: 'on', synchronousCommit: 'on' },
    redis: 'Redis 8',
  },
  signing: [
    { perSecond: 900, cpuMs: 1.6 },
    { perSecond: 1100, cpuMs: 1.4 },
  ],
  uploads: [
    uploadRound({ perSecond: 1000, cpuMs: 1.5 }),
    // The machine was half as fast for a while, and S with it.
    uploadRound({ perSecond: 500, cpuMs: 3 }, { load: { ...load, accepted: 2200 } }),
    uploadRound({ perSecond: 1000, cpuMs: 1.5 }, { load: { ...load, accepted: 1000 } }),
    uploadRound({ perSecond: 1000, cpuMs: 1.5 }, { connections: 10 }),
  ],
  open: [
    { timesS: 0.5, perSecond: 500, load: { ...load, p99: 60 } },
    { timesS: 2, perSecond: 2000, load: { ...overload, p99: 90 } },
    { timesS: 0.5, perSecond: 500, load: { ...load, p99: 600 } },
    { timesS: 2, perSecond: 2000, load: { ...overload, p99: 120 } },
    { timesS: 0.5, perSecond: 500, load: { ...load, p99: 70 } },
    { timesS: 2, perSecond: 2000, load: { ...overload, p99: 1400 } },
  ],
};
const measured = (name: string): number | undefined =>
  judge(results).find((goal) => goal.name.startsWith(name))?.measured;

const goal = (better: Goal['better'], measure: number | undefined): Goal => ({
  name: 'a goal',
  unit: 'ms',
  better,
  goal: better === 'higher' ? 10 : 20,
  stretch: better === 'higher' ? 20 : 10,
  measure: () => measure,
});

describe('the goals', () => {
  it('hold uploads against the signing rate of their own minute, and take the middle of the rounds', () => {
    expect(measured('1 KiB RSA item')).toBeCloseTo(0.8);
  });

  it('take one signature of that minute off the CPU of an upload', () => {
    expect(measured('CPU per upload')).toBeCloseTo(8000 / 2200 - 3);
  });

  it('take the middle of some rounds, whatever one stall of the machine did to others', () => {
    expect(measured('p99 at 0.5 S')).toBe(70);
  });

  it('compare the accepted under overload with those below it just before', () => {
    expect(measured('accepted p99 at 2 S')).toBeCloseTo(1.5);
  });

  it('count every answer that is neither a receipt nor a refusal with a time as improper', () => {
    expect(measured('refused at 2 S')).toBeCloseTo(0.75);
  });

  it('leave out what the run did not measure', () => {
    const open = judge({ ...results, uploads: [] }).filter(({ verdict }) => verdict !== 'not measured');
    expect(open.map(({ name }) => name)).toEqual([
      'p99 at 0.5 S, open loop',
      'accepted p99 at 2 S over that at 0.5 S, open loop',
      'refused at 2 S with Retry-After, of all that got no receipt',
    ]);
    expect(open.length).toBeLessThan(goals.length);
  });

  it.each([
    ['higher', 25, 'stretch met', 2.5],
    ['higher', 10, 'met', 1],
    ['higher', 9, 'NOT met', 0.9],
    ['lower', 9, 'stretch met', 0.45],
    ['lower', 20, 'met', 1],
    ['lower', 21, 'NOT met', 1.05],
    ['lower', undefined, 'not measured', undefined],
    ['lower', Number.NaN, 'not measured', undefined],
  ] as const)('judge %s is better, %s: %s', (better, value, verdict, ratio) => {
    expect(judge(results, [goal(better, value)])[0]).toMatchObject({ verdict, ratio });
  });
});

describe('the closing table', () => {
  it('says what was wanted and what was measured', () => {
    const [head, row, missing] = goalsTable(judge(results, [goal('lower', 15), goal('higher', undefined)]));
    expect(head).toEqual(['', 'goal', 'stretch', 'measured', 'of goal', 'verdict']);
    expect(row).toEqual(['a goal', '≤ 20 ms', '≤ 10 ms', '15 ms', '0.75', 'met']);
    expect(missing).toEqual(['a goal', '≥ 10 ms', '≥ 20 ms', '-', '-', 'not measured']);
  });
});

describe('the tables of small uploads', () => {
  it('have one line a level with the middle of its rounds, and all rounds of what ran more than once', () => {
    const [head, ...levels] = uploadsTable(results);
    const column = (name: string) => levels.map((row) => row[head!.indexOf(name)]);
    expect(column('connections')).toEqual(['50', '10']);
    expect(column('rounds')).toEqual(['3', '1']);
    expect(column('of S')).toEqual(['0.8', '0.8']);
    expect(roundsTable(results).map((row) => row[4])).toEqual(['of S', '0.8', '0.88', '0.2']);
  });
});
