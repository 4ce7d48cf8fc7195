import {
  kebabName,
  MIGRATION_CONNECTIONS,
  type QueueName,
  settings,
  surgeOf,
  type WorkerGroup,
  workerGroups,
} from '@bundler/contract';
import { reader, type SpecRoot } from '../paths.ts';

/** What one Deployment may hold, as expressions: pods, and connections of each. */
interface Line {
  readonly component: string;
  readonly pods: string;
  readonly pool: string;
}

/** The connection budget of the contract as CEL: the same sum, worked out by the API server. */
export function connectionBudget(root: SpecRoot) {
  const { value, number } = reader(root);
  const upload = {
    component: 'upload',
    pods: `(${value('uploadScalingMode')} == 'Fixed' ? ${number('uploadReplicas')} : ${number('uploadMaxReplicas')}) + 1`,
    pool: number('databasePoolMax'),
  };
  const migrations = { component: 'migrations', pods: '1', pool: String(MIGRATION_CONNECTIONS) };
  const linesOf = (layout: 'PerQueue' | 'Combined'): readonly Line[] => [
    upload,
    ...workerGroups({ workersLayout: layout }).map((group) => workerLine(group, root)),
    migrations,
  ];
  const either = (expression: (lines: readonly Line[]) => string): string =>
    `(${value('workersLayout')} == 'Combined' ? ${expression(linesOf('Combined'))} : ${expression(linesOf('PerQueue'))})`;
  const available = `${number('databaseMaxConnections')} - ${number('databaseReservedConnections')}`;
  const heads = [available, number('databaseReservedConnections')];
  return {
    available,
    /** Connections that all pods together could hold. */
    possible: either(possible),
    /** The whole sum in words; `text` is given the terms and holds three more numbers: available, reserved, possible. */
    message: (text: (terms: string) => string) => either((lines) => message(lines, heads, text)),
  };
}

/** What the contract says of a spec that breaks the budget. */
export const budgetBroken = (terms: string): string =>
  `leaves %d connections (%d are reserved), but the pods could hold %d: ${terms}; lower a pool or a replica count, or raise it`;

function possible(lines: readonly Line[]): string {
  return lines.map(({ pods, pool }) => `(${pods}) * ${pool}`).join(' + ');
}

/** CEL has no variables: the numbers are made once, as the only entry of a list that is mapped to the text. */
function message(lines: readonly Line[], heads: readonly string[], text: (terms: string) => string): string {
  const numbers = lines.flatMap(({ pods, pool }) => [pods, pool]).join(', ');
  const sum = lines.map((_, index) => `n[${2 * index}] * n[${2 * index + 1}]`).join(' + ');
  const terms = lines.map(({ component }) => `${component} %d x %d`).join(', ');
  return `[[${numbers}]].map(n, '${text(terms)}'.format([${heads.join(', ')}, ${sum}] + n))[0]`;
}

function workerLine(group: WorkerGroup, root: SpecRoot): Line {
  const { value, number } = reader(root);
  const { queue } = group;
  const jobs = group.queues.map((name) => number(`${name}Concurrency`)).join(' + ');
  const pool = `[${number('databasePoolMax')}, ${stepAbove(jobs, group.queues)}].min()`;
  if (queue === undefined) {
    return { component: 'workers', pods: `${number('workerInstances')} + ${surgeOf(group)}`, pool };
  }
  const fixed = `${value(`${queue}ScalingMode`)} == 'Fixed'`;
  const most = `(${fixed} ? ${number(`${queue}Replicas`)} : ${number(`${queue}MaxReplicas`)})`;
  return { component: `workers-${kebabName(queue)}`, pods: `${most} + ${surgeOf(group)}`, pool };
}

/** The least power of two, from 4, that is not below the jobs of the queues, however many they are allowed to be. */
function stepAbove(jobs: string, queues: readonly QueueName[]): string {
  const most = queues.reduce((sum, queue) => sum + mostJobs(queue), 0);
  const steps = [4];
  for (let step = 8; step < 2 * most; step *= 2) steps.push(step);
  return `[${steps.join(', ')}].filter(s, s >= ${jobs})[0]`;
}

/** The highest concurrency that a spec may give a queue. */
const mostJobs = (queue: QueueName): number =>
  Number((settings[`${queue}Concurrency`].kind.specSchema as { maximum?: number }).maximum);
