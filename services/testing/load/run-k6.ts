import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { Verdict } from '@bundler/k6/junit';

const scripts = join(import.meta.dirname, '../../../k6/suites');
/** k6's own: a threshold was crossed, and a threshold with `abortOnFail` was. Every other one is a broken test. */
const THRESHOLDS = [99];
const LAST_LINES = 15;

export interface K6Run {
  readonly binary: string;
  readonly suite: string;
  /** What the scripts are told: see `k6/lib/settings.ts`. */
  readonly env: Readonly<Record<string, string>>;
  /** Where reports go; exists. */
  readonly artifacts: string;
  /** A Prometheus that takes k6's figures; undefined for none. */
  readonly remoteWrite?: string | undefined;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** What k6 leaves in `summary.json`. */
export interface K6Summary {
  readonly metrics: Readonly<Record<string, { readonly values: Readonly<Record<string, number>> }>>;
  readonly verdicts: readonly Verdict[];
}

/**
 * Runs a suite to its end; its reports are in `artifacts` then.
 *
 * @throws Error with its last lines when the test is broken, which is no verdict about the platform
 */
export async function runK6(run: K6Run): Promise<K6Summary> {
  const { artifacts, binary, suite, signal, print } = run;
  const child = spawn(binary, ['run', '--quiet', '--no-color', ...outputs(run), `${suite}.ts`], {
    cwd: scripts,
    env: environment(run),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', stop);
  const log = createWriteStream(join(artifacts, 'k6.log'));
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      if (line.includes('level=error')) print(`  k6: ${line}`);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  signal.removeEventListener('abort', stop);
  log.end();
  await finished(log);
  signal.throwIfAborted();
  if (code !== 0 && !THRESHOLDS.includes(code ?? -1)) {
    throw new Error(`k6 ended with ${code}, the test itself is broken:\n${last.join('\n')}`);
  }
  return JSON.parse(await readFile(join(artifacts, 'summary.json'), 'utf8')) as K6Summary;
}

function outputs({ remoteWrite }: K6Run): string[] {
  return remoteWrite === undefined ? [] : ['--out', 'experimental-prometheus-rw'];
}

function environment({ artifacts, env, remoteWrite }: K6Run): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? artifacts,
    ...env,
    ARTIFACTS: artifacts,
    K6_NO_USAGE_REPORT: 'true',
    // The page is only written: -1 is no port.
    K6_WEB_DASHBOARD: 'true',
    K6_WEB_DASHBOARD_PORT: '-1',
    // A page needs some points: with the usual ten seconds between two, a short run would have none.
    K6_WEB_DASHBOARD_PERIOD: env.SIZE === 'full' ? '5s' : '100ms',
    K6_WEB_DASHBOARD_EXPORT: join(artifacts, 'report.html'),
    ...(remoteWrite === undefined
      ? {}
      : { K6_PROMETHEUS_RW_SERVER_URL: `${remoteWrite}/api/v1/write`, K6_PROMETHEUS_RW_TREND_STATS: 'p(95),p(99)' }),
  };
}

/** A figure of k6 by its metric's name: a counter's count, a gauge's value; 0 when nothing was counted. */
export function clientFigure({ metrics }: K6Summary, name: string): number {
  const { count, value } = metrics[name]?.values ?? {};
  return count ?? value ?? 0;
}
