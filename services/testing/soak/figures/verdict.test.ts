import { judge, type SoakResults } from './verdict.ts';

const slope = (perHour: number) => ({ mean: 100, slope: { perHour, error: 0.5 } });
const good: SoakResults = {
  startedAt: '2026-01-01T00:00:00.000Z',
  minutes: 60,
  warmUpMinutes: 10,
  configs: 100,
  installSeconds: 120,
  installEach: [1, 120],
  cachedObjects: 4000,
  actions: { live: 10 },
  edits: 10,
  missed: [],
  notRepaired: [],
  latency: { seen: [10, 20], settled: [30], repaired: [40] },
  memory: { heap: slope(30), heapFloor: slope(1), resident: slope(2) },
  samples: 600,
  quiet: { seconds: 60, reconciles: 200, writes: 0, what: [], changed: [] },
  restarted: { seconds: 20, reconciles: 200, writes: 900, what: ['900 APPLY services'], changed: [] },
  failedReconciles: 0,
};
const notMet = (changed: Partial<SoakResults>): string[] =>
  judge({ ...good, ...changed })
    .filter(({ met }) => !met)
    .map(({ name }) => name);

describe('the verdict on a soak', () => {
  it('is good when everything is', () => {
    expect(notMet({})).toEqual([]);
  });

  it.each<[string, Partial<SoakResults>, string]>([
    ['memory grows', { memory: { ...good.memory, heapFloor: slope(9) } }, 'growth of heap after collections'],
    ['the slope is unknown', { memory: { ...good.memory, resident: slope(Number.NaN) } }, 'growth of resident memory'],
    ['a generation was missed', { missed: ['demo@2'] }, 'generations missed'],
    ['drift stayed', { notRepaired: ['Service/a'] }, 'changes by others left as they were'],
    ['installing took long', { installSeconds: 301 }, '100 BundlerConfigs from nothing to rolled out'],
    ['edits wait', { latency: { ...good.latency, seen: [6000] } }, 'an edit is reconciled within, p99'],
    ['something was written', { quiet: { ...good.quiet, writes: 1 } }, 'writes in a quiet minute'],
    [
      'a restart changed something',
      { restarted: { ...good.restarted, changed: ['Deployment/a'] } },
      'objects changed by an operator that starts anew',
    ],
    [
      'nothing was looked at',
      { restarted: { ...good.restarted, reconciles: 0 } },
      'objects changed by an operator that starts anew',
    ],
  ])('is not when %s', (_, changed, name) => {
    expect(notMet(changed)).toEqual([name]);
  });
});
