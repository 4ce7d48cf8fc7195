import type { Logger } from '@bundler/runtime';
import { type Applied, type Applier, DELETED, type Drift } from '../apply/applier.ts';
import { isOwnedBy, type Owner } from '../apply/ownership.ts';
import { pruningOf, SCALER_PATIENCE_MS } from '../apply/prune.ts';
import { scalersInTheWay } from '../apply/replicas.ts';
import { type KubeApi, nameOf, orUndefined, refOf, resources } from '../kube/index.ts';
import type { KubeObject, Stored } from '../kube/objects.ts';
import type { Manifest } from '../render/index.ts';
import type { LiveJob } from '../rollout/gate.ts';
import { hasFailed, isOver } from '../rollout/job-gate.ts';
import type { Course } from '../rollout/machine.ts';
import type { Clock } from '../runtime/clock.ts';
import type { OperatorMetrics } from '../runtime/metrics.ts';
import { timestamp } from '../status/compute.ts';
import type { Obstacle, Report } from '../status/report.ts';
import type { Announcement } from './announcements.ts';
import type { Cluster } from './cluster.ts';
import { type Desired, isDueNow } from './desired.ts';
import type { Inputs } from './inputs.ts';
import { isStanding, obstacleOf } from './obstacles.ts';

export interface ApplyingOptions {
  readonly api: KubeApi;
  readonly applier: Applier;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: OperatorMetrics;
  readonly announce: (key: string, announcement: Announcement) => void;
}

/** What came of applying everything that a BundlerConfig wants. */
export interface Outcome {
  /** The first thing that could not be done. */
  readonly obstacle: Obstacle | undefined;
  /** Something waits for something else to go. */
  readonly unfinished: boolean;
  readonly drift: Report['drift'];
}

/** Brings all manifests of a BundlerConfig to the cluster in their order, and takes away what is none of them. */
export class Applying {
  readonly #options: ApplyingOptions;
  readonly #drifts = new Map<string, NonNullable<Report['drift']>>();

  constructor(options: ApplyingOptions) {
    this.#options = options;
  }

  async apply(key: string, desired: Desired, course: Course, inputs: Inputs): Promise<Outcome> {
    let [obstacle, unfinished]: [Obstacle | undefined, boolean] = [undefined, false];
    for (const manifest of desired.manifests) {
      try {
        if (!(await this.#one(key, manifest, desired, course, inputs))) unfinished = true;
      } catch (error) {
        this.#options.metrics.applies.inc({ kind: manifest.kind, result: 'failed' });
        if (!isStanding(error)) throw error;
        obstacle ??= obstacleOf(error);
      }
    }
    this.#options.applier.keepOnly(inputs.owner, desired.manifests);
    return { obstacle, unfinished, drift: this.#drifts.get(key) ?? this.#before(key) };
  }

  /**
   * Deletes what is not wanted any more, once everything wanted stands. A Job that failed stays, because its log tells why;
   * one of a revision that failed before it could start must not start later.
   */
  async prune(key: string, desired: Desired, { phase }: Course, { owner }: Inputs): Promise<'Done' | 'Waiting'> {
    const { cluster, api, clock, metrics, announce } = this.#options;
    if (!desired.complete) return 'Done';
    const config = cluster.config(key);
    if (!config) return 'Done';
    const wanted = new Set(desired.manifests.map((manifest) => nameOf(refOf(manifest))));
    const unwanted = cluster
      .owned(config)
      .filter((live) => !wanted.has(nameOf(refOf(live))))
      .filter((live) => phase === 'Good' || live.kind !== 'Job' || !isOver(live as LiveJob & KubeObject));
    const { now, awaited } = pruningOf(unwanted, clock.date().getTime());
    for (const live of now) {
      await orUndefined(api.delete(refOf(live), { uid: live.metadata.uid, propagation: 'Background' }));
      metrics.pruned.inc({ kind: live.kind });
    }
    if (now.length > 0) {
      // One event for all: how much may be told of one object is limited.
      const note = `no part of ${owner.name} any more: ${now.map((live) => nameOf(refOf(live))).join(', ')}`;
      announce(key, { type: 'Normal', reason: 'Pruned', action: 'Delete', note });
    }
    return awaited.length > 0 ? 'Waiting' : 'Done';
  }

  forget(key: string, owner: Pick<Owner, 'uid'>): void {
    this.#drifts.delete(key);
    this.#options.applier.forget(owner);
  }

  /** @returns false when it has to wait */
  async #one(key: string, manifest: Manifest, desired: Desired, course: Course, inputs: Inputs): Promise<boolean> {
    const { cluster, applier, metrics } = this.#options;
    const seen = cluster.get(refOf(manifest));
    if (manifest.kind === 'Job') return this.#job(manifest, seen, course, inputs);
    if (await this.#scalersGo(manifest, desired, inputs)) return false;
    const applied = await applier.apply({ manifest, owner: inputs.owner, seen, adopt: inputs.adopt });
    metrics.applies.inc({ kind: manifest.kind, result: applied.result });
    this.#note(key, manifest, applied);
    return true;
  }

  /** A Job runs once. One that failed before this attempt began makes room for another try. */
  async #job(manifest: Manifest, seen: Stored | undefined, course: Course, inputs: Inputs): Promise<boolean> {
    const { api, applier } = this.#options;
    if (!isDueNow(manifest, course)) return true;
    const live = seen ?? (await orUndefined(api.get(refOf(manifest))));
    if (!live) {
      await applier.apply({ manifest, owner: inputs.owner, seen: undefined, adopt: inputs.adopt });
      return true;
    }
    const failed = hasFailed(live as LiveJob & KubeObject);
    const since = Date.parse(course.target.attempt.since);
    if (!failed || Date.parse(live.metadata.creationTimestamp ?? '') >= since) return true;
    await orUndefined(api.delete(refOf(live), { uid: live.metadata.uid, propagation: 'Background' }));
    return false;
  }

  /** @returns whether a scaler is still on its way out */
  async #scalersGo(manifest: Manifest, desired: Desired, { owner }: Inputs): Promise<boolean> {
    const { cluster, api, clock } = this.#options;
    const wanted = new Set(desired.manifests.map((other) => nameOf(refOf(other))));
    const types = [resources.scaledObjects, resources.horizontalPodAutoscalers];
    const ours = types.flatMap((type) => cluster.list(type, owner)).filter((live) => isOwnedBy(live, owner));
    const inTheWay = scalersInTheWay(manifest, ours).filter((live) => !wanted.has(nameOf(refOf(live))));
    for (const live of inTheWay.filter(({ metadata }) => metadata.deletionTimestamp === undefined)) {
      await orUndefined(api.delete(refOf(live), { uid: live.metadata.uid }));
    }
    const now = clock.date().getTime();
    return inTheWay.some(({ metadata: { deletionTimestamp } }) =>
      deletionTimestamp === undefined ? true : now - Date.parse(deletionTimestamp) < SCALER_PATIENCE_MS,
    );
  }

  #note(key: string, manifest: Manifest, { result, drift, takenFrom }: Applied): void {
    const { announce, metrics } = this.#options;
    const object = nameOf(refOf(manifest));
    // Who changed what is ours is told below.
    if (takenFrom && !drift) {
      const note = `${object}: fields of ${takenFrom.join(', ')} are the operator's now`;
      announce(key, { type: 'Warning', reason: 'FieldsTakenOver', action: 'Apply', note });
    }
    if (!drift) return;
    const who = drift.managers.join(', ') || 'unknown';
    if (result === 'fought') {
      metrics.applyLoops.inc({ kind: manifest.kind, manager: who });
      const gone = drift.fields[0] === DELETED;
      const note = gone
        ? `${object} is deleted again and again, and is made anew in a while`
        : `${object} is left alone for a while: ${who} undoes every correction of ${fieldsIn(drift)}`;
      announce(key, { type: 'Warning', reason: 'DriftFight', action: 'Apply', note });
      return;
    }
    metrics.driftCorrected.inc({ kind: manifest.kind, manager: who });
    this.#count(key, `${object} ${fieldsIn(drift)} by ${who}`);
    const what = drift.fields[0] === DELETED ? 'was deleted and is made anew' : `had another ${fieldsIn(drift)}`;
    const note = `${object} ${what}; that was ${who === 'unknown' ? 'nobody the API server knows of' : who}`;
    announce(key, { type: 'Normal', reason: 'DriftCorrected', action: 'Apply', note });
  }

  #count(key: string, what: string): void {
    const at = timestamp(this.#options.clock.date().getTime());
    const before = this.#drifts.get(key) ?? this.#before(key);
    this.#drifts.set(key, { corrected: (before?.corrected ?? 0) + 1, last: `${what}, ${at}` });
  }

  /** What an earlier process counted. */
  #before(key: string): Report['drift'] {
    return this.#options.cluster.config(key)?.status?.drift;
  }
}

const MAX_FIELDS = 3;

function fieldsIn({ fields }: Drift): string {
  const more = fields.length - MAX_FIELDS;
  return more > 0 ? `${fields.slice(0, MAX_FIELDS).join(', ')} and ${more} more` : fields.join(', ');
}
