import { relative } from 'node:path';
import type { Verdict } from '@bundler/k6/junit';
import { clientFigure } from '../run-k6.ts';
import type { SuiteResult } from '../run-suite.ts';

/** What a person wants to know of a suite that is over. */
export function describeResult(result: SuiteResult, root: string): string[] {
  const { client, observed, passed, reports, seconds, server, suite, summary } = result;
  const count = (name: string): number => clientFigure(summary, name);
  const refused = [
    ...(count('uploads_limited') > 0 ? [`${count('uploads_limited')} limited`] : []),
    ...(count('uploads_shed') > 0 ? [`${count('uploads_shed')} sent away`] : []),
  ];
  return [
    `${suite} ${passed ? 'passed' : 'FAILED'}: ${[`${count('uploads_accepted')} receipts`, ...refused].join(', ')} in ${seconds.toFixed(1)} s`,
    ...section('client', client),
    ...section('server', server),
    ...Object.entries(observed).map(
      ([what, value]) => `  seen    ${what}: ${value === undefined ? 'nothing' : round(value)}`,
    ),
    `  reports ${relative(root, reports)}: report.html, summary.json, client.junit.xml, server.junit.xml, k6.log`,
  ];
}

const section = (side: string, verdicts: readonly Verdict[]): string[] =>
  verdicts.map(({ name, passed, detail }) => `  ${side}  ${passed ? 'ok  ' : 'FAIL'} ${name}: ${detail}`);

const round = (value: number): number => Math.round(value * 1000) / 1000;
