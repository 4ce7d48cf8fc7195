import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuiteName } from '@bundler/k6/profiles';
import { findK6 } from '../src/tools/k6.ts';
import { findPrometheus } from '../src/tools/prometheus.ts';
import { PrometheusClient } from './gate/prometheus-client.ts';
import type { LoadOptions } from './options.ts';
import { OwnPlatform } from './platform/own-platform.ts';
import { OwnPrometheus } from './platform/own-prometheus.ts';
import { runSuite, type SuiteResult } from './run-suite.ts';
import { calibrate } from './signing-scale.ts';
import { suites } from './suites/index.ts';

interface Around {
  /** What finds programs. */
  readonly env: NodeJS.ProcessEnv;
  /** Directory for the reports. */
  readonly artifacts: string;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** Told of each suite when it is over. */
  readonly onResult: (result: SuiteResult) => void;
}

/**
 * Runs suites one after the other, on one platform that is brought into the settings of each. What was started is ended,
 * whatever happens.
 *
 * @throws Error when a suite cannot be run: no k6, no Prometheus, a platform that does not start, a broken test
 */
export async function runLoad(options: LoadOptions, around: Around): Promise<readonly SuiteResult[]> {
  const { artifacts, env, print, signal } = around;
  for (const name of options.suites) requireRunnable(name, options);
  const k6 = await findK6(env);
  if (k6.missing !== undefined) throw new Error(`The load suites need k6: ${k6.missing}`);
  const closing: (() => Promise<void>)[] = [];
  try {
    await mkdir(artifacts, { recursive: true });
    const own = options.target === undefined ? await OwnPlatform.prepare(env, print) : undefined;
    if (own) closing.push(() => own.stop());
    // Before the scrapes, which need something to look at.
    if (own) print('Starting a platform');
    await own?.configure({});
    const prometheus = await openPrometheus(options, around, own, closing);
    const results: SuiteResult[] = [];
    for (const name of options.suites) {
      signal.throwIfAborted();
      print(`${name}: ${suites[name].proves}`);
      // Each time: what else the machine does changes from one suite to the next.
      const measured = await calibrate();
      const calibration = { ...measured, scale: options.scale ?? measured.scale };
      const target = own?.url ?? options.target!;
      const ground = {
        target,
        own,
        prometheus,
        k6: k6.binary,
        size: options.size,
        slack: options.slack,
        calibration,
        artifacts,
        signal,
        print,
      };
      const result = await runSuite(name, ground);
      results.push(result);
      around.onResult(result);
    }
    return results;
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

function requireRunnable(name: SuiteName, { target, prometheus }: LoadOptions): void {
  const { platform } = suites[name];
  if (platform === 'own' && target !== undefined) {
    throw new Error(
      `${name} changes settings, or kills or hangs what it needs: leave TARGET away, and a platform is started for it`,
    );
  }
  if (platform === 'cluster' && (target === undefined || prometheus === undefined)) {
    throw new Error(
      `${name} needs a cluster with KEDA: name its upload API with TARGET and its Prometheus with PROMETHEUS`,
    );
  }
}

async function openPrometheus(
  options: LoadOptions,
  { env, print }: Around,
  own: OwnPlatform | undefined,
  closing: (() => Promise<void>)[],
): Promise<PrometheusClient | undefined> {
  if (!options.gate) {
    print('GATE=off: the server’s side is not looked at.');
    return undefined;
  }
  if (options.prometheus !== undefined) return new PrometheusClient(options.prometheus);
  if (own === undefined) {
    throw new Error(
      'Name the Prometheus that scrapes TARGET with PROMETHEUS, or say GATE=off to look at the client’s side alone.',
    );
  }
  const tools = await findPrometheus(env);
  if (tools.missing !== undefined) throw new Error(`The gate needs Prometheus: ${tools.missing}. Or say GATE=off.`);
  const directory = await mkdtemp(join(tmpdir(), 'bundler-load-prometheus-'));
  closing.push(() => rm(directory, { recursive: true, force: true }));
  const server = await OwnPrometheus.start({
    binary: tools.paths.prometheus,
    directory,
    targets: () => own.scrapeTargets(),
  });
  closing.push(() => server.stop());
  return new PrometheusClient(server.url);
}
