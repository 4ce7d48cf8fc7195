import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { profiles } from '@bundler/k6/profiles';
import { markdownTable } from '../../bench/report/format.ts';
import type { LoadOptions } from '../options.ts';
import { clientFigure } from '../run-k6.ts';
import type { SuiteResult } from '../run-suite.ts';
import { successMetrics } from './success-metrics.ts';

/** The results of a run as a page: what was sent, what was seen, and everything that did not hold. */
export function resultsPage(results: readonly SuiteResult[], { size, slack }: LoadOptions, date: string): string {
  const cores = availableParallelism();
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cores} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release().split('.').slice(0, 2).join('.')}, Node ${process.versions.node}`;
  const failures = results.flatMap(({ suite, client, server }) =>
    [...client, ...server].filter(({ passed }) => !passed).map(({ name, detail }) => `- ${suite}: ${name}: ${detail}`),
  );
  const ran = new Set<string>(results.map(({ suite }) => suite));
  const missing = Object.keys(profiles).filter((name) => !ran.has(name));
  const parts = [
    '# Results of the load tests',
    `Written by \`make load\` on ${date}, size \`${size}\`, slack ${slack}. What the suites are: [load-tests.md](load-tests.md).`,
    `- ${machine}\n- Platform, stores, k6 and Prometheus share the cores. *Signed* is how many receipts the machine signed a second just before a suite, with whatever else it did; *rates* is the share of the scale plan's that was sent; *load* is the load average of the minute before`,
    markdownTable([HEAD, ...results.map(row)]),
    `## The scale plan’s success metrics\n\n${successMetrics(results)}`,
    ...(missing.length === 0 ? [] : [`Not in this run: ${missing.join(', ')}.`]),
    failures.length === 0 ? 'Everything held.' : `## What did not hold\n\n${failures.join('\n')}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

const HEAD = [
  'suite',
  'verdict',
  'rates',
  'signed',
  'load',
  'receipts',
  'limited',
  'sent away',
  'p50, p99 small',
  'seconds',
];

function row({ calibration, passed, seconds, suite, summary }: SuiteResult): string[] {
  const count = (name: string): string => String(clientFigure(summary, name));
  const small = summary.metrics[SMALL]?.values ?? {};
  const ms = (value: number | undefined): string => (value === undefined ? '-' : `${Math.round(value)} ms`);
  const { loadAverage, scale, signaturesPerSecond } = calibration;
  return [
    suite,
    passed ? 'held' : 'DID NOT HOLD',
    String(scale),
    String(signaturesPerSecond),
    String(loadAverage),
    count('uploads_accepted'),
    count('uploads_limited'),
    count('uploads_shed'),
    (small['count'] ?? 0) === 0 ? '-' : `${ms(small['p(50)'])}, ${ms(small['p(99)'])}`,
    seconds.toFixed(0),
  ];
}

const SMALL = 'http_req_duration{kind:upload,size_category:small}';
