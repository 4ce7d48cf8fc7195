import type { SuiteResult } from '../run-suite.ts';
import { CONNECTIONS } from '../suites/gates.ts';
import { successMetrics } from './success-metrics.ts';

const result = (changes: Partial<SuiteResult>): SuiteResult => ({
  suite: 'throughput-200',
  passed: true,
  calibration: { signaturesPerSecond: 400, loadAverage: 0.5, scale: 0.5 },
  client: [],
  server: [],
  observed: { [CONNECTIONS]: 9 },
  summary: {
    metrics: {
      'http_req_duration{kind:upload,size_category:small}': { values: { count: 25, 'p(50)': 28.4, 'p(99)': 250 } },
    },
    verdicts: [],
  },
  seconds: 1.2,
  reports: '/root/reports',
  ...changes,
});
const rowOf = (text: string, name: string): string | undefined =>
  text.split('\n').find((line) => line.startsWith(`| ${name}`));

describe('the success metrics of the scale plan', () => {
  it('stand beside what a run saw: rates as shares of what the machine signs, pools, latencies of their objectives', () => {
    const text = successMetrics([result({})]);
    expect(rowOf(text, 'uploads a second')).toContain(
      '100-200 | 50: not in this run; 100: not in this run; 100/s = 0.25 S held |',
    );
    expect(rowOf(text, 'pool exhausted')).toContain('100/s: 9 of 50');
    expect(rowOf(text, 'small, 200/s')).toBe(
      '| small, 200/s of the plan | 100 | 0.25 | 25 | 28 ms | 250 ms | 1 s | 0.25 |',
    );
    expect(rowOf(text, 'medium, 200/s')).toContain('not in this run');
  });

  it('say what did not hold, and what was not run', () => {
    const text = successMetrics([result({ passed: false }), result({ suite: 'breaker', passed: false })]);
    expect(rowOf(text, 'uploads a second')).toContain('100/s = 0.25 S did NOT hold');
    expect(rowOf(text, 'breaker opens')).toContain('the suite did NOT hold');
    expect(rowOf(text, 'oversized')).toContain('oversized: not in this run');
  });
});
