import { type Setting, type SpecConfig, settings, specFields } from '@bundler/contract';
import type { KubeObject } from '../../kube/objects.ts';
import type { Revision } from '../../rollout/revision.ts';
import type { BundlerConfigStatus } from '../../status/types.ts';
import { type Pod, troubleOf } from '../pod-trouble.ts';

/**
 * What a support bundle takes of an object: the fields that are named here, and nothing else. Annotations, contents of
 * Secrets, values of variables that are no settings and parts that a spec hands through are never among them.
 */

const NOT_SHOWN = '(not shown)';

/** Plain values; of addresses only where they lead, of lists and objects handed through only how they look. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value;
  if (typeof value === 'string')
    return value.includes('://')
      ? value
          .split(/[\s,]+/)
          .map(whereTo)
          .join(',')
      : value;
  if (Array.isArray(value))
    return value.every((one) => typeof one === 'string') ? value.map(plainValue) : `(${value.length} entries)`;
  return { fields: Object.keys(value).toSorted() };
}

/** Scheme and host: the user, the path and the query of an address may be what opens it. */
function whereTo(address: string): string {
  if (!address.includes('://')) return address;
  if (!URL.canParse(address)) return '(an address that cannot be read)';
  const { protocol, host } = new URL(address);
  return `${protocol}//${host}`;
}

/** Every field of a spec that is in force, by its path. */
export function specFacts(config: SpecConfig): Record<string, unknown> {
  return Object.fromEntries(
    specFields
      .filter(([, field]) => !('secret' in field && field.secret === true))
      .map(([name, { path }]) => [path, plainValue(config[name])]),
  );
}

/** The status, by the fields that its type has. */
export function statusFacts(status: BundlerConfigStatus = {}): BundlerConfigStatus {
  const { observedGeneration, conditions, revision, summary, liveGeneration, connectionBudget } = status;
  const { components, workers, drift, plan } = status;
  return {
    observedGeneration,
    conditions,
    revision,
    summary,
    liveGeneration,
    connectionBudget,
    components,
    workers,
    drift,
    plan,
  } as BundlerConfigStatus;
}

/** A revision without the spec that it holds. */
export function revisionFacts({ name, number, attempt }: Revision): object {
  return { number, name, ...attempt };
}

interface Workload extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec?: { readonly containers?: readonly ContainerSpec[] } };
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

interface ContainerSpec {
  readonly name: string;
  readonly image?: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
}

/** A Deployment or Job, rendered or as it is: what decides how its pods run. */
export function workloadFacts({ kind, metadata, spec = {}, status = {} }: Workload): object {
  const counts = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'succeeded', 'failed'];
  return {
    kind,
    name: metadata.name,
    generation: metadata.generation,
    replicas: spec.replicas,
    containers: (spec.template?.spec?.containers ?? []).map(({ name, image, env, resources }) => ({
      name,
      image,
      requests: amounts(resources?.requests),
      limits: amounts(resources?.limits),
      env: Object.fromEntries((env ?? []).map((variable) => [variable.name, valueOf(variable)])),
    })),
    status: Object.fromEntries(counts.flatMap((count) => (count in status ? [[count, status[count]]] : []))),
  };
}

const amounts = (of: Readonly<Record<string, string>> = {}): object => ({ cpu: of.cpu, memory: of.memory });

const open = new Map<string, Setting>(
  Object.values(settings as unknown as Record<string, Setting>)
    .filter(({ secret }) => !secret)
    .map((setting) => [setting.env, setting]),
);

/** The value of a setting that is no secret; of a reference, and of what somebody added, only that it is there. */
function valueOf({ name, value, valueFrom }: { name: string; value?: string; valueFrom?: object }): unknown {
  if (valueFrom !== undefined) return { from: Object.keys(valueFrom) };
  return open.has(name) ? plainValue(value) : NOT_SHOWN;
}

/** The values of settings that a process reports of itself. */
export function settingsFacts(report: unknown): object {
  const { settings: told = {}, ...rest } = Object(report) as { settings?: Record<string, unknown> };
  const numbers = Object.entries(rest).filter(([, value]) => ['number', 'boolean'].includes(typeof value));
  const known = Object.entries(told).filter(([name]) => open.has(name));
  return {
    ...Object.fromEntries(numbers),
    settings: Object.fromEntries(known.map(([name, value]) => [name, plainValue(value)])),
  };
}

/** A pod: where it runs and how its containers do. */
export function podFacts(pod: Pod): object {
  const { metadata, status = {} } = pod;
  const { nodeName } = (pod as { spec?: { nodeName?: string } }).spec ?? {};
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return {
    name: metadata.name,
    component: metadata.labels?.['app.kubernetes.io/component'],
    createdAt: metadata.creationTimestamp,
    node: nodeName,
    phase: status.phase,
    trouble: troubleOf(pod),
    conditions: (status.conditions ?? []).map(({ type, status: is, reason, message }) => ({
      type,
      status: is,
      reason,
      message,
    })),
    containers: containers.map(({ name, ready, restartCount, state, lastState }) => ({
      name,
      ready,
      restartCount,
      waiting: state?.waiting && { reason: state.waiting.reason, message: state.waiting.message },
      lastEnd: lastState?.terminated && {
        exitCode: lastState.terminated.exitCode,
        reason: lastState.terminated.reason,
      },
    })),
  };
}

/** An Event of events.k8s.io/v1, as far as it is told. */
export interface EventObject extends KubeObject {
  readonly regarding?: { readonly kind?: string; readonly name?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly note?: string;
  readonly eventTime?: string | null;
  readonly deprecatedLastTimestamp?: string | null;
  readonly deprecatedCount?: number;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
}

export function eventFacts(event: EventObject): { readonly at: string; readonly [fact: string]: unknown } {
  const { regarding, type, reason, note, eventTime, deprecatedLastTimestamp, deprecatedCount, series } = event;
  return {
    at: series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? event.metadata.creationTimestamp ?? '',
    about: `${regarding?.kind}/${regarding?.name}`,
    type,
    reason,
    note,
    count: series?.count ?? deprecatedCount,
  };
}

interface Autoscaler extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** An HPA or a ScaledObject: bounds, where it stands, and what it says of itself. */
export function autoscalerFacts({ kind, metadata, spec = {}, status = {} }: Autoscaler): object {
  const bounds = ['minReplicas', 'maxReplicas', 'minReplicaCount', 'maxReplicaCount', 'pollingInterval'];
  const state = ['currentReplicas', 'desiredReplicas', 'lastActiveTime', 'lastScaleTime'];
  const conditions = Array.isArray(status.conditions) ? (status.conditions as Record<string, unknown>[]) : [];
  return {
    kind,
    name: metadata.name,
    ...picked(spec, bounds),
    ...picked(status, state),
    conditions: conditions.map((one) => picked(one, ['type', 'status', 'reason', 'message'])),
  };
}

const picked = (of: Readonly<Record<string, unknown>>, names: readonly string[]): object =>
  Object.fromEntries(names.flatMap((name) => (name in of ? [[name, of[name]]] : [])));
