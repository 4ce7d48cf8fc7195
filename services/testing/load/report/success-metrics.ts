import { objectives, settings } from '@bundler/contract';
import type { SuiteName } from '@bundler/k6/profiles';
import { markdownTable } from '../../bench/report/format.ts';
import type { SuiteResult } from '../run-suite.ts';
import { CONNECTIONS } from '../suites/gates.ts';

type Size = keyof typeof objectives.uploadLatency;

const POOL = settings.databasePoolMax.default;

/**
 * The scale plan's success metrics beside what a run saw. Rates stand as uploads a second and as shares of S, the receipts that the
 * machine signed a second just before the suite, because an absolute rate says more of the machine than of the platform.
 */
export function successMetrics(results: readonly SuiteResult[]): string {
  const of = (suite: SuiteName): SuiteResult | undefined => results.find((result) => result.suite === suite);
  const rates = ([50, 100, 200] as const).map((rate) => ({ rate, result: of(`throughput-${rate}`) }));
  const metric = (name: string, plan: readonly string[], here: string): string[] => [name, ...plan, here];
  return [
    markdownTable([
      ['metric of the plan', 'before', 'after phase 1', 'after phase 2', 'here'],
      metric('uploads a second', ['4-10', '50-100', '100-200'], rates.map(sustained).join('; ')),
      metric(
        'pool exhausted at',
        ['~20/s', '~200/s', '-'],
        `${rates.map(poolUse).join('; ')}; climb: ${climb(of('knee'))}`,
      ),
      metric('breaker opens at', ['~50 at once', '~200 at once', '-'], breaker(of('breaker'))),
      metric('no false outages under load', ['-', 'yes', '-'], verdict(of('concurrent-50'), 'concurrent-50')),
      metric(
        'graceful above capacity',
        ['-', '-', 'rate limiting'],
        `${verdict(of('stress'), 'stress')}; ${verdict(of('spike'), 'spike')}`,
      ),
      metric('oversized items', ['stuck', '-', 'handled'], verdict(of('oversized'), 'oversized')),
      metric(
        'large uploads',
        ['2-3 × 10 GiB', '10+ × 10 GiB', '-'],
        '[ten at once](benchmark.md), [10 GiB](oversized-items.md)',
      ),
    ]),
    markdownTable([
      ['p99 from sending to receipt', 'sent a second', 'of S', 'items', 'p50', 'p99', 'objective', 'p99 of objective'],
      ...rates.flatMap(({ rate, result }) => (['small', 'medium'] as const).map((size) => latency(rate, result, size))),
    ]),
  ].join('\n\n');
}

interface AtRate {
  readonly rate: number;
  readonly result: SuiteResult | undefined;
}

const ABSENT = 'not in this run';

function sent({ rate, result }: AtRate & { result: SuiteResult }): { perSecond: number; share: number } {
  const perSecond = rate * result.calibration.scale;
  return { perSecond, share: perSecond / result.calibration.signaturesPerSecond };
}

function sustained({ rate, result }: AtRate): string {
  if (result === undefined) return `${rate}: ${ABSENT}`;
  const { perSecond, share } = sent({ rate, result });
  return `${round(perSecond)}/s = ${round(share)} S ${result.passed ? 'held' : 'did NOT hold'}`;
}

function poolUse({ rate, result }: AtRate): string {
  if (result === undefined) return `${rate}: ${ABSENT}`;
  const most = result.observed[CONNECTIONS];
  return `${round(sent({ rate, result }).perSecond)}/s: ${most === undefined ? 'not seen' : `${most} of ${POOL}`}`;
}

function climb(result: SuiteResult | undefined): string {
  const most = result?.observed[CONNECTIONS];
  return most === undefined ? ABSENT : `${most} of ${POOL} at most`;
}

function breaker(result: SuiteResult | undefined): string {
  if (result === undefined) return ABSENT;
  return result.passed ? 'not at 200 at once; when the service hangs' : 'the suite did NOT hold';
}

function verdict(result: SuiteResult | undefined, suite: string): string {
  if (result === undefined) return `${suite}: ${ABSENT}`;
  return `${suite} ${result.passed ? 'held' : 'did NOT hold'}`;
}

function latency(rate: number, result: SuiteResult | undefined, size: Size): string[] {
  const seconds = objectives.uploadLatency[size].p99Seconds;
  const figures = result?.summary.metrics[`http_req_duration{kind:upload,size_category:${size}}`]?.values;
  const name = `${size}, ${rate}/s of the plan`;
  if (result === undefined || figures === undefined) return [name, ABSENT, '-', '-', '-', '-', `${seconds} s`, '-'];
  const { perSecond, share } = sent({ rate, result });
  const p99 = figures['p(99)'];
  return [
    name,
    String(round(perSecond)),
    String(round(share)),
    String(figures['count'] ?? 0),
    milliseconds(figures['p(50)']),
    milliseconds(p99),
    `${seconds} s`,
    p99 === undefined ? '-' : String(round(p99 / 1000 / seconds)),
  ];
}

const milliseconds = (value: number | undefined): string => (value === undefined ? '-' : `${Math.round(value)} ms`);
const round = (value: number): number => Number(value.toPrecision(2));
