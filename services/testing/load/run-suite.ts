import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { junit, type Verdict } from '@bundler/k6/junit';
import { itemsOf, profiles, type Size, type SuiteName } from '@bundler/k6/profiles';
import { makeCorpus } from '@bundler/upload/load-corpus';
import { everythingPermanent } from './aftermath.ts';
import { ControlServer } from './control-server.ts';
import { inRun, judge, type Run } from './gate/judge.ts';
import type { PrometheusClient } from './gate/prometheus-client.ts';
import type { OwnPlatform } from './platform/own-platform.ts';
import { clientFigure, type K6Summary, runK6 } from './run-k6.ts';
import type { Calibration } from './signing-scale.ts';
import { suites } from './suites/index.ts';

type MixName = Parameters<typeof makeCorpus>[0]['mix'];

/** Where a suite runs, and with what. */
export interface Ground {
  readonly target: string;
  /** The platform when the runner started it. */
  readonly own: OwnPlatform | undefined;
  /** Undefined: the server's side is not looked at. */
  readonly prometheus: PrometheusClient | undefined;
  readonly k6: string;
  readonly size: Size;
  readonly calibration: Calibration;
  readonly slack: number;
  /** Directory of the reports of all suites. */
  readonly artifacts: string;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

export interface SuiteResult {
  readonly calibration: Calibration;
  readonly suite: SuiteName;
  readonly passed: boolean;
  readonly client: readonly Verdict[];
  readonly server: readonly Verdict[];
  readonly observed: Readonly<Record<string, number | undefined>>;
  readonly summary: K6Summary;
  readonly seconds: number;
  /** Directory of its reports. */
  readonly reports: string;
}

const now = (): number => Date.now() / 1000;

/** Prepares the platform, makes a corpus, runs k6, looks at the server's side, and writes the reports. */
export async function runSuite(name: SuiteName, ground: Ground): Promise<SuiteResult> {
  const { artifacts, calibration, own, prometheus, size, print, signal } = ground;
  const { scale } = calibration;
  const suite = suites[name];
  const reports = join(artifacts, name);
  const corpus = join(artifacts, name, 'corpus');
  await rm(reports, { recursive: true, force: true });
  await mkdir(corpus, { recursive: true });
  const control = own && (await ControlServer.start(actionsOf(own)));
  try {
    await own?.configure(suite.settings?.(size) ?? {});
    const profile = profiles[name]({ size, scale });
    const items = itemsOf(profile);
    print(`  signing ${items} items`);
    const { mix, payloadBytes } = profile.corpus;
    const onProgress = (signed: number): void => print(`  signed ${signed} of ${items} items`);
    await makeCorpus({ items, mix: mix as MixName, payloadBytes, directory: corpus, onProgress });
    const from = now();
    await prometheus?.scrapedSince(from);
    const begun = now();
    print('  the load runs');
    const summary = await runK6({
      binary: ground.k6,
      suite: name,
      artifacts: reports,
      env: k6Environment(ground, corpus, control),
      remoteWrite: own && prometheus?.url,
      signal,
      print,
    });
    const run: Run = { from: begun, to: now() };
    print('  the load is over; looking at the platform');
    const server = await serverSide(name, ground, { run, summary, corpus });
    const observed = await observe(name, ground, server.run);
    const client = suite.stopsAtThreshold ? [] : summary.verdicts;
    await writeFile(join(reports, 'server.junit.xml'), junit(`${name} server`, server.verdicts));
    const passed = [...client, ...server.verdicts].every((verdict) => verdict.passed);
    return {
      suite: name,
      calibration,
      passed,
      client,
      server: server.verdicts,
      observed,
      summary,
      seconds: run.to - run.from,
      reports,
    };
  } finally {
    await control?.stop();
    // It may be large, and its wallets are gone: nobody needs it again.
    await rm(corpus, { recursive: true, force: true });
  }
}

function actionsOf(own: OwnPlatform) {
  const payment = async (hangs: boolean): Promise<void> => {
    own.paymentHangs = hangs;
  };
  return {
    'kill-worker': () => own.killWorker(),
    'payment-hangs': () => payment(true),
    'payment-heals': () => payment(false),
  };
}

function k6Environment(ground: Ground, corpus: string, control: ControlServer | undefined): Record<string, string> {
  const { calibration, own, size, slack, target } = ground;
  return {
    TARGET: target,
    CORPUS: corpus,
    SIZE: size,
    SCALE: String(calibration.scale),
    SLACK: String(slack),
    // An address of the block for documentation that no run before this one had.
    CLIENT_ADDRESS: `198.18.${Math.floor(now() / 200) % 256}.${Math.floor(now()) % 200}`,
    ...(control ? { CONTROL: control.url } : {}),
    ...(own ? { API_KEY: own.apiKey } : {}),
  };
}

interface Over {
  readonly run: Run;
  readonly summary: K6Summary;
  readonly corpus: string;
}

async function serverSide(name: SuiteName, ground: Ground, { run, summary, corpus }: Over) {
  const { own, prometheus, size } = ground;
  const { aftermath, gate } = suites[name];
  const client = (metric: string): number => clientFigure(summary, metric);
  const verdicts: Verdict[] = [];
  if (aftermath !== undefined && own !== undefined) {
    if (aftermath === 'planned-from-a-pause')
      await own.configure({ ...suites[name].settings?.(size), PLAN_WORKER_PAUSED: 'false' });
    const accepted = client('uploads_accepted');
    verdicts.push(...(await everythingPermanent({ databaseUrl: own.databaseUrl, corpus, accepted })));
  }
  if (prometheus === undefined) return { verdicts, run };
  await prometheus.scrapedSince(now());
  const judged: Run = { from: run.from, to: now() };
  for (const assertion of gate) {
    if (assertion.only !== undefined && assertion.only !== size) continue;
    verdicts.push(await judge(assertion, { prometheus, run: judged, client, now }));
  }
  return { verdicts, run: judged };
}

async function observe(name: SuiteName, { prometheus }: Ground, run: Run): Promise<Record<string, number | undefined>> {
  const queries = Object.entries(suites[name].observe ?? {});
  if (prometheus === undefined) return {};
  const values = queries.map(
    async ([what, query]) => [what, await prometheus.number(inRun(query, run), run.to)] as const,
  );
  return Object.fromEntries(await Promise.all(values));
}
