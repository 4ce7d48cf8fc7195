import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuiteName } from '@bundler/k6/profiles';
import { describeUnless } from '../src/left-out.ts';
import { findK6 } from '../src/tools/k6.ts';
import { findPrometheus } from '../src/tools/prometheus.ts';
import { runLoad } from './load.ts';
import { readLoadOptions } from './options.ts';
import type { SuiteResult } from './run-suite.ts';

/** The suites whose verdict is about what is right and not about how fast this machine is. */
const SUITES: readonly SuiteName[] = ['smoke', 'concurrent-50', 'rate-limit', 'breaker', 'exactly-once'];
/** Other test files use the same cores. */
const SLACK = '60';
const MINUTE_MS = 60_000;

const [k6, prometheus] = await Promise.all([findK6(process.env), findPrometheus(process.env)]);

describeUnless(k6.missing ?? prometheus.missing, 'short load suites on a platform of their own', () => {
  let artifacts: string;
  let results: readonly SuiteResult[];

  beforeAll(async () => {
    artifacts = await mkdtemp(join(tmpdir(), 'bundler-load-reports-'));
    results = await runLoad(readLoadOptions({ PROFILE: SUITES.join(','), SLACK, SCALE: '0.1' }), {
      env: process.env,
      artifacts,
      signal: new AbortController().signal,
      print: () => undefined,
      onResult: () => undefined,
    });
  }, 10 * MINUTE_MS);
  afterAll(() => rm(artifacts, { recursive: true, force: true }));

  it.each(SUITES)('%s passes, for its clients and on the platform', (name) => {
    const { client, server } = results.find(({ suite }) => suite === name)!;
    expect([...client, ...server].filter(({ passed }) => !passed)).toEqual([]);
    expect(client.length).toBeGreaterThan(2);
    expect(server.length).toBeGreaterThan(2);
  });

  it.each(SUITES)('%s leaves its verdicts as JUnit, its figures as JSON and a page for people', async (name) => {
    const { client, reports, server } = results.find(({ suite }) => suite === name)!;
    const read = (file: string): Promise<string> => readFile(join(reports, file), 'utf8');
    const cases = (text: string): number => text.match(/<testcase /g)?.length ?? 0;
    expect(cases(await read('client.junit.xml'))).toBe(client.length);
    expect(cases(await read('server.junit.xml'))).toBe(server.length);
    expect(JSON.parse(await read('summary.json'))).toHaveProperty('metrics.uploads_accepted.values.count');
    expect(await read('report.html')).toContain('</html>');
  });
});
