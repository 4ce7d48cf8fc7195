import { kebabName, queueNames } from '@bundler/contract';
import type { LiveDeployment } from '../rollout/gate.ts';
import { canonical } from '../rollout/revision.ts';
import { waves } from '../rollout/waves.ts';
import { type Condition, type ConditionType, type Finding, toConditions } from './conditions.ts';
import { findings, type Seen } from './findings.ts';
import type { Report } from './report.ts';
import { backlogOf, type LiveAutoscaler, scalingOf } from './scaling.ts';
import type { BundlerConfigStatus, ComponentStatus, RevisionStatus, WorkerStatus } from './types.ts';

export interface Observation extends Seen {
  /** `metadata.generation` now; the report may be about an older one. */
  readonly autoscalers: readonly LiveAutoscaler[];
}

/** The whole status, from what the reconciler reported and what is seen now. Pure: the clock is in `seen`. */
export function computeStatus(
  report: Report,
  seen: Observation,
  previous: BundlerConfigStatus | undefined,
): BundlerConfigStatus {
  const untouched = report.suspended || report.plan !== undefined;
  const found = findings(report, seen);
  const conditions = untouched
    ? conditionsUntouched(found, report, seen, previous)
    : conditionsNow(found, report, seen, previous);
  // What was not acted upon is not observed: whoever waits for this generation goes on waiting.
  const observedGeneration = untouched ? previous?.observedGeneration : report.generation;
  return defined({
    observedGeneration,
    conditions,
    revision: revisionStatus(report),
    summary: summary(report, seen),
    liveGeneration: report.liveGeneration,
    connectionBudget: report.connectionBudget,
    components: components(seen.deployments),
    workers: workers(seen),
    drift: report.drift ?? previous?.drift,
    plan: report.plan,
  });
}

function conditionsNow(found: Findings, report: Report, seen: Seen, previous?: BundlerConfigStatus): Condition[] {
  const about = Object.entries(found).map(([type, finding]) => [type, { ...finding, generation: report.generation }]);
  return toConditions(Object.fromEntries(about), previous?.conditions ?? [], timestamp(seen.now));
}

/** While nothing is done about a spec, all that can be said of it is that; health is still that of what runs. */
function conditionsUntouched(found: Findings, report: Report, seen: Seen, previous?: BundlerConfigStatus): Condition[] {
  const observed = previous?.observedGeneration ?? 0;
  const about = {
    Ready: { ...found.Ready, generation: observed },
    AutoscalingReady: { ...found.AutoscalingReady, generation: observed },
    Suspended: { ...found.Suspended, generation: report.generation },
  };
  return toConditions(about, previous?.conditions ?? [], timestamp(seen.now));
}

type Findings = Record<ConditionType, Finding>;

function summary({ connectionBudget: { available, possible } }: Report, { deployments }: Seen) {
  const all = deployments.filter(({ metadata }) => metadata.labels?.[COMPONENT]?.startsWith('workers'));
  const sum = (count: (live: LiveDeployment) => number) => all.reduce((total, live) => total + count(live), 0);
  const [ready, desired] = [sum(({ status }) => status?.readyReplicas ?? 0), sum(({ spec }) => spec.replicas ?? 1)];
  return { workers: `${ready}/${desired}`, connections: `${possible}/${available}` };
}

function revisionStatus({ course, gate, lastGood }: Report): RevisionStatus | undefined {
  if (!course) return lastGood === undefined ? undefined : { lastGood };
  const { target, phase } = course;
  const step = `${target.attempt.wave} (${waves.indexOf(target.attempt.wave) + 1}/${waves.length})`;
  const rolling = phase === 'Rolling';
  return defined({
    current: course.revisionOf('UploadApi')?.name,
    lastGood,
    updating: rolling ? target.name : undefined,
    step: rolling ? (gate.state === 'Passed' ? step : `${step}: ${gate.message}`) : undefined,
    failedGeneration: target.attempt.outcome === 'Failed' ? target.attempt.generation : undefined,
  });
}

function components(deployments: readonly LiveDeployment[]): ComponentStatus[] {
  return byName(deployments).map((live) => ({
    name: live.metadata.name,
    desired: live.spec.replicas ?? 1,
    updated: live.status?.updatedReplicas ?? 0,
    ready: live.status?.readyReplicas ?? 0,
    image: imageOf(live),
  }));
}

function workers({ deployments, scaledObjects, autoscalers, now }: Observation): WorkerStatus[] {
  return queueNames.flatMap((queue) => {
    const live = deployments.find(({ metadata }) => metadata.labels?.[COMPONENT] === `workers-${kebabName(queue)}`);
    if (!live) return [];
    const targets = (other: { spec?: { scaleTargetRef?: { name?: string } } }) =>
      other.spec?.scaleTargetRef?.name === live.metadata.name;
    return defined({
      queue,
      desired: live.spec.replicas ?? 1,
      ready: live.status?.readyReplicas ?? 0,
      scaling: scalingOf(scaledObjects.find(targets), now).state,
      backlog: backlogOf(autoscalers.find(targets)),
    });
  });
}

const COMPONENT = 'app.kubernetes.io/component';

const imageOf = (live: LiveDeployment): string => live.spec.template.spec?.containers[0]?.image ?? '';

const byName = (deployments: readonly LiveDeployment[]) =>
  deployments.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));

/** RFC 3339 in whole seconds, as Kubernetes writes it. */
export const timestamp = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * Whether writing a status would tell anybody something. The backlog alone does not: it moves with every scrape, and each
 * write is one that every watcher has to read.
 */
export function tellsMore(status: BundlerConfigStatus, previous: BundlerConfigStatus | undefined): boolean {
  return !same(quiet(status), quiet(previous ?? {}));
}

/** Whether the numbers of the queues are others than those that stand in the status. */
export function backlogMoved(status: BundlerConfigStatus, previous: BundlerConfigStatus | undefined): boolean {
  return !same(status.workers, previous?.workers);
}

/** The API server gives a status back with its keys in another order. */
const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));

function quiet(status: BundlerConfigStatus): BundlerConfigStatus {
  const { workers: all } = status;
  return all ? { ...status, workers: all.map(({ backlog: _, ...rest }) => rest) } : status;
}

type Given<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Without the fields that have no value. */
function defined<T extends object>(object: T): Given<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Given<T>;
}
