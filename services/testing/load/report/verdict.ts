import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import type { Verdict } from '@bundler/k6/junit';
import { clientFigure } from '../run-k6.ts';
import type { SuiteResult } from '../run-suite.ts';
import type { Calibration } from '../signing-scale.ts';

/** What a person wants to know of a suite that is over. */
export function describeResult(result: SuiteResult, root: string): string[] {
  const { calibration, client, observed, passed, reports, seconds, server, suite, summary } = result;
  const count = (name: string): number => clientFigure(summary, name);
  const refused = [
    ...(count('uploads_limited') > 0 ? [`${count('uploads_limited')} limited`] : []),
    ...(count('uploads_shed') > 0 ? [`${count('uploads_shed')} sent away`] : []),
  ];
  return [
    `${suite} ${passed ? 'passed' : 'FAILED'}: ${[`${count('uploads_accepted')} receipts`, ...refused].join(', ')} in ${seconds.toFixed(1)} s`,
    `  rates   ${calibration.scale} of the plan's; this machine signed ${calibration.signaturesPerSecond} receipts a second before the load`,
    ...busy(calibration),
    ...section('client', client),
    ...section('server', server),
    ...Object.entries(observed).map(
      ([what, value]) => `  seen    ${what}: ${value === undefined ? 'nothing' : round(value)}`,
    ),
    `  reports ${relative(root, reports)}: report.html, summary.json, client.junit.xml, server.junit.xml, k6.log`,
  ];
}

/** Twice as much to do as there are cores, before the load: its latencies are those of other processes too. */
function busy({ loadAverage }: Calibration): string[] {
  const cores = availableParallelism();
  if (loadAverage <= 2 * cores) return [];
  return [
    `  NOTE    the machine was busy before the load (load average ${loadAverage} on ${cores} cores): latencies say little`,
  ];
}

const section = (side: string, verdicts: readonly Verdict[]): string[] =>
  verdicts.map(({ name, passed, detail }) => `  ${side}  ${passed ? 'ok  ' : 'FAIL'} ${name}: ${detail}`);

const round = (value: number): number => Math.round(value * 1000) / 1000;
