import { existsSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from './faults/index.ts';
import { type FaultResult, haveArrived, isGood, measure } from './measure.ts';
import { type Monitoring, startMonitoring } from './monitoring/monitoring.ts';
import type { Delivery } from './monitoring/webhook.ts';
import { startServer } from './server.ts';
import { Stage } from './stage.ts';

const runbooks = join(import.meta.dirname, '../../../docs/runbooks');
const MINUTE_MS = 60_000;
const RECOVERY_MINUTES = 12;
/** As the monitor of pods asks for, and the rules' own rhythm. */
export const SCRAPE_SECONDS = 15;
/** What was before a fault has to be known: a counter that is first seen after it has not grown. */
const CALM_MS = 4 * SCRAPE_SECONDS * 1000;
const CALM = 'calm';
/** Light, and in 25 minutes more than the 50 that budgets of errors ask for. */
const CALM_TRAFFIC = { uploadEveryMs: 10_000, readEveryMs: 5000 };

export interface DrillResults {
  readonly faults: readonly FaultResult[];
  /** What arrived for a platform to which nothing happened. */
  readonly calm: readonly string[];
  /** Notifications of the heartbeat, and the longest time between two of them, seconds. */
  readonly heartbeats: number;
  readonly longestSilence: number;
  /** Alerts whose link leads to no runbook. */
  readonly brokenLinks: readonly string[];
  /** When each of the runs began, milliseconds since the epoch. */
  readonly began: readonly number[];
  readonly minutes: number;
  /** Those that it was run on. */
  readonly machines: readonly string[];
  /** Of the quarter of an hour before the end. */
  readonly loadAverage: number;
}

interface Around {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Causes all faults, each on a platform of its own, and waits for their alerts. What was started is ended, whatever happens. */
export async function runDrill(faults: readonly Fault[], around: Around): Promise<DrillResults> {
  const { env, print, signal } = around;
  const began = Date.now();
  const stages: Stage[] = [];
  const closing: (() => Promise<void>)[] = [];
  try {
    closing.push(await startServer());
    const monitoring = await startMonitoring({
      env,
      now: Date.now,
      targets: async () => stages.flatMap(({ targets }) => targets),
      scrapeSeconds: SCRAPE_SECONDS,
      evaluationSeconds: SCRAPE_SECONDS,
    });
    closing.push(() => monitoring.stop());
    const start = async (name: string, ...how: [Fault['platform'], Fault['traffic']]): Promise<Stage> => {
      print(`${name}: starting a platform`);
      const stage = await Stage.start(name, how[0] ?? {}, how[1] ?? {});
      stages.push(stage);
      closing.push(() => stage.stop());
      return stage;
    };
    await start(CALM, {}, CALM_TRAFFIC);
    const running: Promise<FaultResult>[] = [];
    // Those that take longest begin first. One after another: ports that are free are found, not reserved.
    for (const fault of faults.toSorted((one, other) => other.minutes - one.minutes)) {
      signal.throwIfAborted();
      running.push(drillOne(fault, await start(fault.name, fault.platform, fault.traffic), monitoring, around));
      // Its failure is seen when all have ended.
      running.at(-1)!.catch(() => undefined);
    }
    const results = await Promise.all(running);
    const { deliveries } = monitoring;
    return {
      faults: results,
      calm: [...new Set(of(deliveries, CALM).map(({ labels }) => labels.alertname!))],
      ...heartbeats(deliveries),
      brokenLinks: brokenLinks(deliveries),
      began: [began],
      minutes: (Date.now() - began) / MINUTE_MS,
      machines: [machine()],
      loadAverage: loadavg()[2]!,
    };
  } finally {
    for (const close of closing.toReversed()) await close().catch((error: Error) => print(error.message));
  }
}

async function drillOne(fault: Fault, stage: Stage, monitoring: Monitoring, around: Around): Promise<FaultResult> {
  const { print, signal } = around;
  const { deliveries } = monitoring;
  await wait(CALM_MS, undefined, { signal });
  print(`${fault.name}: ${fault.what}`);
  const caused = Date.now();
  const undo = await fault.cause(stage);
  let undone: number;
  try {
    await orTooLate(() => haveArrived(fault, deliveries, caused), fault.minutes, signal);
  } finally {
    undone = Date.now();
    await undo();
  }
  print(`${fault.name}: over after ${seconds(undone - caused)} s`);
  const judge = (): FaultResult => measure(fault, deliveries, { caused, undone });
  const isOver = (): boolean =>
    judge().arrivals.every(({ toAlert, toRecovery }) => toAlert === undefined || toRecovery !== undefined);
  await orTooLate(isOver, fault.recoveryMinutes ?? RECOVERY_MINUTES, signal);
  const result = judge();
  print(`${fault.name}: ${isGood(result) ? 'as it should be' : 'NOT AS IT SHOULD BE'} ${JSON.stringify(result)}`);
  return result;
}

/** Waits until it is so, and no longer than so many minutes: what did not happen is told by the results. */
async function orTooLate(condition: () => boolean, minutes: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + minutes * MINUTE_MS;
  while (!condition() && Date.now() < deadline) await wait(200, undefined, { signal });
}

function machine(): string {
  const gibibytes = Math.round(totalmem() / 1024 ** 3);
  const linux = release().split('.').slice(0, 2).join('.');
  return `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, ${gibibytes} GiB, Linux ${linux}, Node ${process.versions.node}`;
}

function heartbeats(deliveries: readonly Delivery[]): Pick<DrillResults, 'heartbeats' | 'longestSilence'> {
  const times = deliveries.filter(({ receiver }) => receiver === 'bundler-watchdog').map(({ at }) => at);
  const silences = times.slice(1).map((at, index) => at - times[index]!);
  return { heartbeats: times.length, longestSilence: seconds(Math.max(0, ...silences)) };
}

/** Alerts that lead to no page, or to that of another one. */
function brokenLinks(deliveries: readonly Delivery[]): string[] {
  const broken = deliveries.filter(({ annotations, labels }) => {
    const page = basename(annotations.runbook_url ?? '');
    return page !== `${labels.alertname}.md` || !existsSync(join(runbooks, page));
  });
  return [...new Set(broken.map(({ labels }) => labels.alertname!))];
}

const of = (deliveries: readonly Delivery[], name: string): Delivery[] =>
  deliveries.filter(({ labels, receiver, status }) => labels.config === name && status === 'firing' && receiver !== '');
const seconds = (milliseconds: number): number => Math.round(milliseconds / 1000);
