import {
  type ConnectionUse,
  connectionBudget,
  isOverBudget,
  kebabName,
  mostReplicas,
  paymentConnectionBudget,
  type SpecConfig,
  surgeOf,
  type WorkerGroup,
  workerGroups,
} from '@bundler/contract';
import { PAYMENT_CONNECTIONS } from '../plan-text.ts';
import { type Demand, demandOf } from './demand.ts';
import { assumptions } from './figures.ts';
import type { Load } from './load.ts';

/** What one Deployment needs for a load. */
export interface CapacityLine {
  readonly component: string;
  /** Pods that bear the load, and the most that the spec lets there be. */
  readonly needed: number;
  readonly most: number;
  /** What makes it so many: CPU, jobs at once, or database connections. */
  readonly because: 'cpu' | 'jobs' | 'connections';
  /** Part of what the most pods can bear that the load is. */
  readonly use: number;
}

export interface Capacity {
  readonly lines: readonly CapacityLine[];
  /** Connections that the needed pods could hold, a rollout included, of those that there are. */
  readonly connections: ConnectionUse & { readonly available: number };
  /** The same of the payment database, where there is one: of all pods of its service, for no load scales them. */
  readonly paymentConnections: ConnectionUse | undefined;
  /** Bytes. */
  readonly redis: { readonly cache: number; readonly queue: number };
  readonly objectStore: { readonly bytesPerDay: number; readonly keptBytes: number };
  readonly demand: Demand;
  /** What gives way first when the load grows. */
  readonly bottleneck: string;
  /** Why the spec does not bear the load; empty when it does. */
  readonly problems: readonly string[];
}

const DAY_SECONDS = 86_400;

/** What a load needs of a platform with this spec, from what was measured and assumed in figures.ts. */
export function capacityOf(load: Load, config: SpecConfig): Capacity {
  const demand = demandWithItsApis(load, config);
  const lines = [
    uploadLine(load, config, demand),
    ...workerGroups(config).map((group) => workerLine(group, load, config, demand)),
  ];
  const connections = connectionsOf(lines, config);
  const paymentConnections = paymentConnectionBudget(config);
  const budget = { component: 'database connections', use: connections.possible / connections.available };
  // Below its limit the budget is what idle pods hold already: it says nothing about the load.
  const bottleneck = [...lines, ...(budget.use > 1 ? [budget] : [])].reduce((worst, next) =>
    next.use > worst.use ? next : worst,
  ).component;
  const problems = [
    ...lines
      .filter(({ needed, most }) => needed > most)
      .map(
        ({ component, needed, most, because }) =>
          `${component} needs ${needed} pods for ${words[because]}, and the spec has ${most} at most`,
      ),
    ...tooMany('database connections', connections),
    ...(paymentConnections ? tooMany(PAYMENT_CONNECTIONS, paymentConnections) : []),
  ];
  return {
    lines,
    connections,
    paymentConnections,
    redis: redisOf(demand, config),
    objectStore: objectsOf(demand, config),
    demand,
    bottleneck,
    problems,
  };
}

export const words = { cpu: 'their CPU', jobs: 'their jobs at once', connections: 'their connections' } as const;

/** Each API commits so many groups a second, so the number of groups depends on that of the APIs, and that on the load. */
function demandWithItsApis(load: Load, config: SpecConfig): Demand {
  const first = demandOf(load, config, 1);
  return demandOf(load, config, podsFor(first.apiCores, load.coresPerPod));
}

/** Pods of which each bears so much, without going to its limit. */
function podsFor(needed: number, each: number): number {
  return Math.max(1, Math.ceil(needed / (each * assumptions.target)));
}

function uploadLine({ coresPerPod }: Load, config: SpecConfig, { apiCores, apiConnections }: Demand): CapacityLine {
  const fixed = config.uploadScalingMode === 'Fixed';
  const most = fixed ? config.uploadReplicas : config.uploadMaxReplicas;
  const byCpu = podsFor(apiCores, coresPerPod);
  const byConnections = podsFor(apiConnections, config.databasePoolMax);
  const because = byConnections > byCpu ? 'connections' : 'cpu';
  const least = fixed ? 1 : config.uploadMinReplicas;
  const [load, each] = because === 'cpu' ? [apiCores, coresPerPod] : [apiConnections, config.databasePoolMax];
  return line('upload', Math.max(byCpu, byConnections, least), most, because, load / each);
}

function workerLine(group: WorkerGroup, { coresPerPod }: Load, config: SpecConfig, demand: Demand): CapacityLine {
  const component = group.queue === undefined ? 'workers' : `workers-${kebabName(group.queue)}`;
  const cores = group.queues.reduce((sum, name) => sum + demand.queues[name].cores, 0) / coresPerPod;
  // Jobs of one queue do not wait for those of another.
  const jobs = Math.max(...group.queues.map((name) => demand.queues[name].jobs / config[`${name}Concurrency`]));
  const needed = Math.max(podsFor(jobs, 1), podsFor(cores, 1));
  return line(component, needed, mostReplicas(group, config), cores >= jobs ? 'cpu' : 'jobs', Math.max(jobs, cores));
}

/** @param pods how many pods the load keeps busy all the time */
function line(
  component: string,
  needed: number,
  most: number,
  because: CapacityLine['because'],
  pods: number,
): CapacityLine {
  return { component, needed, most, because, use: pods / (most * assumptions.target) };
}

function connectionsOf(lines: readonly CapacityLine[], config: SpecConfig): Capacity['connections'] {
  const { available, lines: budget } = connectionBudget(config);
  const surges = new Map(workerGroups(config).map((group) => [componentOf(group), surgeOf(group)]));
  const possible = budget.reduce((sum, { component, pods, pool }) => {
    const line = lines.find((other) => other.component === component);
    return sum + (line ? line.needed + (surges.get(component) ?? 1) : pods) * pool;
  }, 0);
  return { possible, available };
}

const tooMany = (what: string, use: ConnectionUse): string[] =>
  isOverBudget(use) ? [`the pods could hold ${use.possible} ${what}, and there are ${use.available}`] : [];

const componentOf = ({ queue }: WorkerGroup): string =>
  queue === undefined ? 'workers' : `workers-${kebabName(queue)}`;

function redisOf(demand: Demand, config: SpecConfig): Capacity['redis'] {
  const { jobBytes, backlogSeconds } = assumptions;
  const jobs = (demand.groupsPerSecond + demand.bundlesPerSecond) * backlogSeconds;
  return { cache: (demand.cachedBytesPerSecond * config.cacheTtl) / 1000, queue: jobs * jobBytes };
}

/** Bytes are kept until a while after they are permanent. */
function objectsOf({ bytesPerSecond }: Demand, config: SpecConfig): Capacity['objectStore'] {
  const toPermanent = config.overdueThreshold / 1000 + config.arweaveConfirmations * assumptions.blockSeconds;
  const kept = bytesPerSecond * (toPermanent + (config.cleanupAfter + config.cleanupInterval) / 1000);
  return { bytesPerDay: bytesPerSecond * DAY_SECONDS, keptBytes: kept };
}
