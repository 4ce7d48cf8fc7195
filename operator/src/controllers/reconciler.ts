import { isScaledByQueue, type SpecConfig, workerGroups } from '@bundler/contract';
import type { Logger } from '@bundler/runtime';
import type { Manifest } from '../render/index.ts';
import { accepted } from '../rollout/accepted.ts';
import { type Gate, passed, waiting } from '../rollout/gate.ts';
import { admit, advance, type Course, courseOf } from '../rollout/machine.ts';
import { lastGood, latest, type Revision, revisionName } from '../rollout/revision.ts';
import { waves } from '../rollout/waves.ts';
import type { Clock } from '../runtime/clock.ts';
import { timestamp } from '../status/compute.ts';
import { connectionStatus } from '../status/connections.ts';
import type { Report } from '../status/report.ts';
import type { Applying } from './applying.ts';
import type { Cluster } from './cluster.ts';
import { type Desired, desiredOf } from './desired.ts';
import type { Finalizer } from './finalizer.ts';
import { type Inputs, inputsOf } from './inputs.ts';
import { obstacleOf, refusalOf } from './obstacles.ts';
import { planOf } from './plan.ts';
import type { RenderedRevision, RevisionRenderer } from './renderer.ts';
import type { RevisionLog } from './revision-log.ts';
import { waveGate } from './wave-gate.ts';

export interface ReconcilerOptions {
  readonly cluster: Cluster;
  readonly log: RevisionLog;
  readonly renderer: RevisionRenderer;
  readonly applying: Applying;
  readonly finalizer: Finalizer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The image for specs that name none; empty for none. */
  readonly image: string;
  /** How often things are looked at that no watch tells of: whether a Secret was made or rotated. Milliseconds. */
  readonly pollInterval: number;
  /** Told what was found and done, each time. */
  readonly onReport: (key: string, report: Report) => void;
}

/** How soon to look again for what is about to go. */
const SOON_MS = 2000;

/** Brings the cluster to what a BundlerConfig says, step by step: observe, validate, render, apply, judge, report. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #reports = new Map<string, Report>();
  /** Which BundlerConfig a key stood for when it was last looked at. */
  readonly #uids = new Map<string, string>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  reportOf(key: string): Report | undefined {
    return this.#reports.get(key);
  }

  /** @returns when to look again, milliseconds; undefined when only a change asks for it */
  async reconcile(key: string): Promise<number | undefined> {
    const { cluster, finalizer, log } = this.#options;
    const config = cluster.config(key);
    if (config?.metadata.deletionTimestamp !== undefined) return finalizer.finalize(config);
    const uid = config?.metadata.uid;
    if (uid !== this.#uids.get(key)) this.#forget(key);
    if (!config || uid === undefined) return undefined;
    this.#uids.set(key, uid);
    const inputs = inputsOf(config, this.#options.image);
    try {
      return await this.#pass(key, inputs);
    } catch (error) {
      // Whatever was written before it went wrong, the next pass reads it again.
      log.forget(inputs.owner.uid);
      const before = this.#reports.get(key) ?? this.#report(inputs, {});
      this.#tell(key, { ...before, generation: inputs.generation, obstacle: obstacleOf(error) });
      throw error;
    }
  }

  /** The BundlerConfig is gone, or another one has taken its name. */
  #forget(key: string): void {
    const { log, applying, renderer } = this.#options;
    const uid = this.#uids.get(key);
    if (uid === undefined) return;
    log.forget(uid);
    renderer.forget({ uid });
    applying.forget(key, { uid });
    this.#reports.delete(key);
    this.#uids.delete(key);
  }

  async #pass(key: string, inputs: Inputs): Promise<number | undefined> {
    const { log, clock, image } = this.#options;
    const { owner, config, violations, generation, retry } = inputs;
    const history = await log.history(owner);
    const data = accepted(config, image);
    const wanted = violations.length > 0 ? undefined : { name: revisionName(owner, data), spec: data };
    if (inputs.suspended || inputs.dryRun) return this.#onlyLook(key, inputs, history, wanted);

    const target = admit({ wanted, generation, retry, history, now: timestamp(clock.date().getTime()) });
    if (!target) {
      this.#tell(key, this.#report(inputs, { history }));
      return undefined;
    }
    return this.#run(key, inputs, { target, history });
  }

  async #run(key: string, inputs: Inputs, { target, history }: Accepted): Promise<number | undefined> {
    const { log, finalizer, cluster } = this.#options;
    const { owner, config } = inputs;
    const course = courseOf(target, history, config.rolloutOnFailure as 'RollBack' | 'Hold');
    const renders = await this.#render(course, inputs);
    const missing = course.phase === 'RolledBack' ? [] : (renders.get(target.name)?.missingSecrets ?? []);
    if (missing.length > 0) {
      // Pods that are started now would fail; those that run have what they need.
      this.#tell(key, this.#report(inputs, { history, course, missingSecrets: missing }));
      return this.#options.pollInterval;
    }
    const written = history.includes(target) ? history : await log.record(target, owner);
    const desired = desiredOf(course, (revision) => usable(renders.get(revision.name)));
    const object = cluster.config(key);
    if (object && !(await finalizer.ensure(object, needsFinalizer(config, desired)))) return SOON_MS;
    const done = await this.#options.applying.apply(key, desired, course, inputs);

    const found = { history: written, course, ...done };
    const refusal = course.phase === 'Rolling' && refusalOf(done.obstacle);
    // Half of the wave may run it already: a revision that cannot be applied has failed like one that crashes.
    if (refusal) return this.#step(key, inputs, found, refusal);
    if (done.obstacle || done.unfinished) {
      this.#tell(key, this.#report(inputs, found));
      return done.obstacle ? this.#options.pollInterval : SOON_MS;
    }
    if (course.phase === 'Rolling') return this.#judge(key, inputs, found, renders.get(target.name)?.manifests ?? []);
    const pruning = await this.#options.applying.prune(key, desired, course, inputs);
    this.#tell(key, this.#report(inputs, found));
    return pruning === 'Waiting' ? SOON_MS : this.#options.pollInterval;
  }

  /** Looks whether the wave on its way is well, and takes the next step. */
  #judge(key: string, inputs: Inputs, found: Found & { course: Course }, manifests: readonly Manifest[]) {
    const { cluster, clock } = this.#options;
    const { attempt } = found.course.target;
    const now = clock.date().getTime();
    const trial = {
      attempt,
      manifests,
      owner: inputs.owner,
      progressDeadline: inputs.config.rolloutProgressDeadline,
      now,
    };
    return this.#step(key, inputs, found, waveGate(trial, cluster));
  }

  async #step(key: string, inputs: Inputs, found: Found & { course: Course }, gate: Gate) {
    const { log, clock } = this.#options;
    const { target } = found.course;
    const { owner } = inputs;
    const attempt = advance(target.attempt, gate, timestamp(clock.date().getTime()));
    if (attempt === target.attempt) {
      this.#tell(key, this.#report(inputs, { ...found, gate }));
      return this.#options.pollInterval;
    }
    const next = { ...target, attempt };
    const history = await log.record(next, owner);
    const course = courseOf(next, history, inputs.config.rolloutOnFailure as 'RollBack' | 'Hold');
    const after = { ...found, obstacle: undefined, history, course, gate: waiting('NextStep', 'the next step begins') };
    this.#tell(key, this.#report(inputs, after));
    return 0;
  }

  /** What was asked for is not done; only looked at. */
  async #onlyLook(key: string, inputs: Inputs, history: readonly Revision[], wanted: Wanted | undefined) {
    const top = latest(history);
    const course = top && courseOf(top, history, inputs.config.rolloutOnFailure as 'RollBack' | 'Hold');
    const plan = inputs.dryRun ? await this.#plan(inputs, course, wanted) : undefined;
    this.#tell(key, { ...this.#report(inputs, { history, course }), suspended: inputs.suspended, plan });
    return undefined;
  }

  async #plan(inputs: Inputs, course: Course | undefined, wanted: Wanted | undefined) {
    const renders = course && (await this.#render(course, inputs));
    const now = course ? desiredOf(course, ({ name }) => renders?.get(name)?.manifests).manifests : [];
    const revision = wanted && this.#hypothetical(wanted, inputs);
    const rendered = revision && (await this.#options.renderer.render(revision, inputs.owner, inputs.generation));
    return planOf(inputs.generation, now, { ...inputs, manifests: rendered?.manifests ?? [] });
  }

  #hypothetical(wanted: Wanted, { generation, retry }: Inputs): Revision {
    const since = timestamp(this.#options.clock.date().getTime());
    return { ...wanted, number: 0, attempt: { generation, retry, outcome: 'Rolling', wave: waves[0], since } };
  }

  /** Every revision of a course as it would stand now, by name. */
  async #render(course: Course, { owner, generation, violations }: Inputs): Promise<Map<string, RenderedRevision>> {
    const revisions = [course.target, ...waves.flatMap((wave) => course.revisionOf(wave) ?? [])];
    const renders = new Map<string, RenderedRevision>();
    for (const revision of revisions) {
      if (renders.has(revision.name)) continue;
      // The live settings of a spec that is not in force are those of the generation that it came with.
      const inForce = revision === course.target && violations.length === 0;
      const live = inForce ? generation : revision.attempt.generation;
      const rendered = await this.#options.renderer.render(revision, owner, live);
      if (rendered) renders.set(revision.name, rendered);
    }
    return renders;
  }

  #report(inputs: Inputs, found: Found): Report {
    const { config, generation, violations } = inputs;
    const { history = [], course } = found;
    const base = course?.revisionOf(waves[0]);
    return {
      generation,
      suspended: false,
      plan: undefined,
      violations,
      missingSecrets: found.missingSecrets ?? [],
      connectionBudget: connectionStatus(config),
      course,
      lastGood: lastGood(history)?.name,
      gate: found.gate ?? passed,
      autoscaling: {
        wanted: wantsQueueScaling(config),
        kedaInstalled: this.#options.cluster.kedaInstalled,
      },
      liveGeneration: base === course?.target && violations.length === 0 ? generation : base?.attempt.generation,
      obstacle: found.obstacle,
      drift: found.drift,
    };
  }

  #tell(key: string, report: Report): void {
    this.#options.onReport(key, report);
    this.#reports.set(key, report);
  }
}

interface Accepted {
  readonly target: Revision;
  readonly history: readonly Revision[];
}

interface Wanted {
  readonly name: string;
  readonly spec: unknown;
}

interface Found {
  readonly history?: readonly Revision[];
  readonly course?: Course | undefined;
  readonly missingSecrets?: readonly string[];
  readonly gate?: Gate;
  readonly obstacle?: Report['obstacle'];
  readonly drift?: Report['drift'];
}

/** A revision whose Secrets are gone would give pods another digest of them, and so replace pods that work. */
const usable = (rendered: RenderedRevision | undefined): readonly Manifest[] | undefined =>
  rendered && rendered.missingSecrets.length === 0 ? rendered.manifests : undefined;

const needsFinalizer = (config: SpecConfig, { manifests }: Desired): boolean =>
  config.deletionPolicy === 'Orphan' || manifests.some(({ kind }) => kind === 'ScaledObject');

const wantsQueueScaling = (config: SpecConfig): boolean =>
  workerGroups(config).some(({ queue }) => queue !== undefined && isScaledByQueue(queue, config));
