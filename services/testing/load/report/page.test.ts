import type { SuiteResult } from '../run-suite.ts';
import { resultsPage } from './page.ts';
import { describeResult } from './verdict.ts';

const options = {
  suites: [],
  size: 'short',
  target: undefined,
  prometheus: undefined,
  gate: true,
  scale: undefined,
  slack: 1,
} as const;
const result = (changes: Partial<SuiteResult> = {}): SuiteResult => ({
  suite: 'smoke',
  passed: true,
  calibration: { signaturesPerSecond: 400, loadAverage: 0.5, scale: 0.5 },
  client: [{ name: 'checks rate==1', passed: true, detail: 'rate is 1' }],
  server: [{ name: 'no upload failed', passed: true, detail: '0, must be exactly 0' }],
  observed: { 'most connections': 3 },
  summary: {
    metrics: {
      uploads_accepted: { values: { count: 26 } },
      'http_req_duration{kind:upload,size_category:small}': { values: { count: 25, 'p(50)': 28.4, 'p(99)': 287.2 } },
    },
    verdicts: [],
  },
  seconds: 1.2,
  reports: '/root/reports/smoke',
  ...changes,
});
const failing = result({
  suite: 'large',
  passed: false,
  calibration: { signaturesPerSecond: 100, loadAverage: 900, scale: 0.1 },
  server: [{ name: 'clients have receipts', passed: false, detail: '0, must be at least 1' }],
  summary: { metrics: {}, verdicts: [] },
});

describe('what a person reads of a load run', () => {
  it('is a verdict, each thing that was looked at, and where the reports are', () => {
    expect(describeResult(result(), '/root')).toEqual([
      'smoke passed: 26 receipts in 1.2 s',
      "  rates   0.5 of the plan's; this machine signed 400 receipts a second before the load",
      '  client  ok   checks rate==1: rate is 1',
      '  server  ok   no upload failed: 0, must be exactly 0',
      '  seen    most connections: 3',
      '  reports reports/smoke: report.html, summary.json, client.junit.xml, server.junit.xml, k6.log',
    ]);
  });

  it('says when the machine was busy, and what failed', () => {
    const lines = describeResult(failing, '/root');
    expect(lines[0]).toBe('large FAILED: 0 receipts in 1.2 s');
    expect(lines[2]).toMatch(/^ {2}NOTE {4}the machine was busy before the load \(load average 900 on \d+ cores\)/);
    expect(lines).toContain('  server  FAIL clients have receipts: 0, must be at least 1');
  });
});

describe('the page of results', () => {
  it('has a row for each suite, names those that did not run, and everything that did not hold', () => {
    const page = resultsPage([result(), failing], options, '2026-01-02');
    expect(page).toContain('| smoke | held | 0.5 | 400 | 0.5 | 26 | 0 | 0 | 28 ms, 287 ms | 1 |');
    expect(page).toContain('| large | DID NOT HOLD | 0.1 | 100 | 900 | 0 | 0 | 0 | - | 1 |');
    expect(page).toMatch(/Not in this run: concurrent-50, .*autoscale\./);
    expect(page).toContain('- large: clients have receipts: 0, must be at least 1');
  });
});
