import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { nameOf, refOf, resources } from '@bundler/operator/kube';
import { mean } from '../bench/load/percentile.ts';
import { ask, type ControlPlane, findControlPlane } from '../kube/index.ts';
import { accountWith, chartRules } from '../operator/kit/account.ts';
import { Stage } from '../operator/kit/stage.ts';
import { Churn } from './churn.ts';
import { Ledger } from './figures/ledger.ts';
import { floors, type Point, slopeOf } from './figures/slope.ts';
import type { Quiet, SoakResults } from './figures/verdict.ts';
import { readWrites, type WriteCounts, writesBetween } from './figures/writes.ts';
import type { SoakOptions } from './options.ts';
import { type OperatorProcess, type OperatorSample, startOperator } from './system/operator-process.ts';
import { sampleEvery5s } from './system/sampler.ts';
import { Watched } from './system/watched.ts';

const MIB = 1024 ** 2;
const QUIET_MS = 60_000;
/** Configurations created at the same time: more wait at the API server, not at the operator. */
const CREATORS = 8;
/** For everything to be rolled out, after installing and after the churn; whatever is not by then is missing. */
const [INSTALL_MS, SETTLE_MS] = [15 * 60_000, 120_000];
/** Events are sent a moment after what they tell of, and garbage is collected a moment after its owner is gone. */
const CALM_MS = 10_000;
const CALM_LIMIT_MS = 180_000;
/** A restarted operator reads everything before its first look at anything. */
const RESTART_MS = 120_000;

/** All types of which an operator makes objects on a cluster without KEDA and Prometheus, and the BundlerConfigs. */
const MADE = [
  resources.bundlerConfigs,
  resources.serviceAccounts,
  resources.configMaps,
  resources.services,
  resources.networkPolicies,
  resources.jobs,
  resources.deployments,
  resources.podDisruptionBudgets,
  resources.horizontalPodAutoscalers,
  resources.controllerRevisions,
];

type Print = (line: string) => void;

/** One whole run. Whatever it starts has ended when this resolves or rejects. */
export async function soak(options: SoakOptions, signal: AbortSignal, print: Print): Promise<SoakResults> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const run = new Soak(await open(closers, print), options, signal, print);
    return await run.run();
  } finally {
    for (const close of closers.toReversed()) await close().catch((error: unknown) => print(String(error)));
  }
}

interface Opened {
  readonly plane: ControlPlane;
  readonly stage: Stage;
  readonly ledger: Ledger;
  readonly watched: Watched;
  readonly operate: () => Promise<OperatorProcess>;
}

async function open(closers: (() => Promise<unknown>)[], print: Print): Promise<Opened> {
  const kube = await findControlPlane(process.env, { controllers: true });
  if (kube.missing !== undefined) throw new Error(kube.missing);
  print('starting etcd, kube-apiserver and the garbage collector');
  // The controllers that make pods would make thousands, and nobody would run them.
  const plane = await kube.start(['garbage-collector-controller']);
  closers.push(() => plane.stop());
  const directory = await mkdtemp(join(tmpdir(), 'bundler-soak-'));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const stage = await Stage.open(plane);
  closers.push(() => stage.close());
  const ledger = new Ledger();
  const watched = new Watched(stage, ledger, (error) => print(`the nodes: ${String(error)}`));
  closers.push(() => watched.stop());
  await watched.start();
  const account = await accountWith(chartRules, stage, plane);
  const operate = async (): Promise<OperatorProcess> => {
    const operator = await startOperator({ account, namespace: stage.namespace, directory });
    closers.push(() => operator.service.stop());
    return operator;
  };
  return { plane, stage, ledger, watched, operate };
}

class Soak {
  readonly #opened: Opened;
  readonly #options: SoakOptions;
  readonly #signal: AbortSignal;
  readonly #print: Print;

  constructor(opened: Opened, options: SoakOptions, signal: AbortSignal, print: Print) {
    this.#opened = opened;
    this.#options = options;
    this.#signal = signal;
    this.#print = print;
  }

  async run(): Promise<SoakResults> {
    const startedAt = new Date().toISOString();
    const { ledger, operate, stage } = this.#opened;
    const { configs, minutes } = this.#options;
    const operator = await operate();
    const names = Array.from({ length: configs }, (_, index) => `soak-${index + 1}`);
    const installed = await this.#install(names);
    const edited = ledger.edits;
    const [seenBefore, settledBefore] = [ledger.seen.length, ledger.settled.length];

    this.#print(`${minutes} minutes of churn`);
    const churn = new Churn(stage, ledger, names);
    const endSampling = sampleEvery5s(operator);
    const begun = performance.now();
    const progress = setInterval(() => this.#progress(operator, begun), 60_000);
    let samples: OperatorSample[];
    try {
      await churn.run(begun + minutes * 60_000, this.#signal);
    } finally {
      clearInterval(progress);
      samples = await endSampling();
    }
    const churned = (performance.now() - begun) / 60_000;
    await churn.end();
    await this.#until(SETTLE_MS, () => Promise.resolve(ledger.missing.length === 0)).catch(() => undefined);
    const missed = ledger.missing;

    await this.#calm();
    this.#print('a quiet minute');
    const quiet = await this.#quiet(() => this.#minute(operator));
    this.#print('and an operator that starts anew');
    const restarted = await this.#quiet(() => this.#restart(operator));

    const warmUpMinutes = Math.min(10, churned / 5);
    const measured = samples.filter(({ at }) => at >= begun + warmUpMinutes * 60_000);
    const points = (value: (sample: OperatorSample) => number): Point[] =>
      measured.map((sample) => ({ at: sample.at, value: value(sample) / MIB }));
    const line = (of: readonly Point[]) => ({ mean: mean(of.map(({ value }) => value)), slope: slopeOf(of) });
    const heap = points(({ heapBytes }) => heapBytes);
    return {
      startedAt,
      minutes: churned,
      warmUpMinutes,
      configs,
      ...installed,
      cachedObjects: samples.at(-1)?.cachedObjects ?? 0,
      actions: churn.actions,
      edits: ledger.edits - edited,
      missed,
      notRepaired: churn.notRepaired,
      latency: {
        seen: ledger.seen.slice(seenBefore),
        settled: ledger.settled.slice(settledBefore),
        repaired: churn.repaired,
      },
      memory: {
        heap: line(heap),
        heapFloor: line(floors(heap)),
        resident: line(points(({ residentBytes }) => residentBytes)),
      },
      samples: measured.length,
      quiet,
      restarted,
      failedReconciles: samples.at(-1)?.failedReconciles ?? 0,
    };
  }

  /** Creates all BundlerConfigs at once and waits until the last is rolled out. */
  async #install(names: readonly string[]): Promise<{ installSeconds: number; installEach: number[] }> {
    const { ledger, stage } = this.#opened;
    this.#print(`creating ${names.length} BundlerConfigs`);
    const begun = performance.now();
    const left = [...names];
    const create = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) {
        const at = performance.now();
        const { metadata } = await stage.configure(name);
        ledger.edited(name, metadata.generation ?? 0, at, performance.now());
      }
    };
    await Promise.all(Array.from({ length: CREATORS }, create));
    await this.#until(INSTALL_MS, () => Promise.resolve(ledger.settled.length >= names.length));
    const installSeconds = (performance.now() - begun) / 1000;
    this.#print(`all rolled out after ${installSeconds.toFixed(1)} s`);
    return { installSeconds, installEach: ledger.settled.map((ms) => ms / 1000) };
  }

  /** Waits until nobody has written anything for a while. */
  async #calm(): Promise<void> {
    let [before, since] = [await this.#writes(), performance.now()];
    await this.#until(CALM_LIMIT_MS, async () => {
      const now = await this.#writes();
      if (writesBetween(before, now).count > 0) [before, since] = [now, performance.now()];
      return performance.now() - since > CALM_MS;
    }).catch(() => undefined);
  }

  /** Counts what is written from now until `during` has ended. @param during returns how many reconciliations ended */
  async #quiet(during: () => Promise<number>): Promise<Quiet> {
    const versions = await this.#versions();
    const [before, begun] = [await this.#writes(), performance.now()];
    const reconciles = await during();
    const seconds = (performance.now() - begun) / 1000;
    const { count, what } = writesBetween(before, await this.#writes());
    const now = await this.#versions();
    const names = new Set([...versions.keys(), ...now.keys()]);
    const changed = [...names].filter((name) => versions.get(name) !== now.get(name));
    return { seconds, reconciles, writes: count, what, changed };
  }

  async #minute(operator: OperatorProcess): Promise<number> {
    const { reconciles } = await operator.sample();
    await wait(QUIET_MS, undefined, { signal: this.#signal });
    return (await operator.sample()).reconciles - reconciles;
  }

  /** Stops the operator, starts another, and lets it look at every BundlerConfig twice. */
  async #restart(old: OperatorProcess): Promise<number> {
    await old.service.stop();
    const operator = await this.#opened.operate();
    let reconciles = 0;
    await this.#until(RESTART_MS, async () => {
      ({ reconciles } = await operator.sample());
      return reconciles >= 2 * this.#options.configs;
    }).catch(() => undefined);
    return reconciles;
  }

  /** The version of every object of the stage that an operator makes, by its name. */
  async #versions(): Promise<Map<string, string>> {
    const { stage } = this.#opened;
    const lists = await Promise.all(MADE.map((type) => stage.list(type)));
    return new Map(lists.flat().map((live) => [nameOf(refOf(live)), live.metadata.resourceVersion]));
  }

  async #writes(): Promise<WriteCounts> {
    const { body } = await ask<string>(this.#opened.plane, { method: 'GET', path: '/metrics' });
    return readWrites(body);
  }

  #progress(operator: OperatorProcess, begun: number): void {
    const minute = Math.round((performance.now() - begun) / 60_000);
    const { ledger, watched } = this.#opened;
    const { all, settled } = watched.standing;
    const say = ({ heapBytes, residentBytes, cachedObjects }: OperatorSample): void =>
      this.#print(
        `minute ${minute}: heap ${(heapBytes / MIB).toFixed(0)} MiB, resident ${(residentBytes / MIB).toFixed(0)} MiB, ` +
          `${cachedObjects} objects, ${settled} of ${all} settled, ${ledger.edits} generations`,
      );
    operator.sample().then(say, () => undefined);
  }

  async #until(limitMs: number, condition: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`not done within ${limitMs / 1000} s`);
      await wait(250, undefined, { signal: this.#signal });
    }
  }
}
