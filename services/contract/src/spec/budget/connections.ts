import { kebabName } from '../../queues/index.ts';
import { workerPoolSize } from '../../settings/derived.ts';
import type { SpecConfig } from '../tree.ts';
import { mostReplicas, surgeOf, workerGroups } from './pods.ts';

/** Connections of the process that brings the schema up to date. */
export const MIGRATION_CONNECTIONS = 2;

/** And of the admin service, where it runs. Its one pod is replaced: the old one goes first. */
export const ADMIN_CONNECTIONS = 2;

/** From this part of what is available on, whoever looks after the database would want to know. */
export const NEARLY_FULL_PERCENT = 90;

/** How many connections are possible of those that are available, which nobody may know. */
export interface ConnectionUse {
  readonly available?: number | undefined;
  readonly possible: number;
}

/** Whether the pods could hold more connections than there are. */
export const isOverBudget = ({ available = Number.POSITIVE_INFINITY, possible }: ConnectionUse): boolean =>
  possible > available;

/** Whether they could hold nearly all. */
export const isNearlyFull = ({ available = Number.POSITIVE_INFINITY, possible }: ConnectionUse): boolean =>
  possible * 100 > available * NEARLY_FULL_PERCENT;

/** What one Deployment may hold. */
export interface ConnectionLine {
  readonly component: string;
  /** Most pods at the same time, those of a rollout included. */
  readonly pods: number;
  /** Most connections of one pod to one server. */
  readonly pool: number;
  readonly connections: number;
}

/** What a spec's pods could hold of the connections to one database. */
export interface Connections {
  /** What its server has for them; undefined where nobody says. */
  readonly available: number | undefined;
  /** What all pods together could hold. */
  readonly possible: number;
  readonly lines: readonly ConnectionLine[];
}

export interface ConnectionBudget extends Connections {
  /** The server's max_connections. */
  readonly capacity: number;
  readonly reserved: number;
  /** What is left for the platform. */
  readonly available: number;
}

/**
 * The connections that a spec's pods could hold at the same time to the writer, and as many to the reader when there is
 * one. Pods that are draining beside a rollout's surge are not counted: their pools are giving connections back.
 */
export function connectionBudget(config: SpecConfig): ConnectionBudget {
  const uploadPods = config.uploadScalingMode === 'Fixed' ? config.uploadReplicas : config.uploadMaxReplicas;
  const lines = [
    line('upload', uploadPods + 1, config.databasePoolMax),
    ...workerGroups(config).map((group) =>
      line(
        group.queue === undefined ? 'workers' : `workers-${kebabName(group.queue)}`,
        mostReplicas(group, config) + surgeOf(group),
        workerPoolSize(group.queues, config),
      ),
    ),
    line('admin', config.adminEnabled ? 1 : 0, ADMIN_CONNECTIONS),
    line('migrations', 1, MIGRATION_CONNECTIONS),
  ];
  const { databaseMaxConnections: capacity, databaseReservedConnections: reserved } = config;
  return { capacity, reserved, available: capacity - reserved, possible: sumOf(lines), lines };
}

/** The same for the payment service's own database, whichever server it is on; undefined where there is none. */
export function paymentConnectionBudget(config: SpecConfig): Connections | undefined {
  if (!config.paymentEnabled) return undefined;
  const lines = [
    line('payment', config.paymentReplicas + 1, config.paymentDatabasePoolMax),
    line('migrations', 1, MIGRATION_CONNECTIONS),
  ];
  return { available: config.paymentDatabaseMaxConnections || undefined, possible: sumOf(lines), lines };
}

const sumOf = (lines: readonly ConnectionLine[]): number =>
  lines.reduce((sum, { connections }) => sum + connections, 0);

function line(component: string, pods: number, pool: number): ConnectionLine {
  return { component, pods, pool, connections: pods * pool };
}
