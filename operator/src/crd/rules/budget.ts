import {
  kebabName,
  leastWorkerPool,
  MIGRATION_CONNECTIONS,
  type QueueName,
  settings,
  surgeOf,
  type WorkerGroup,
  workerGroups,
} from '@bundler/contract';
import { reader, type SpecRoot } from '../paths.ts';

/** The connection budget of the contract as CEL: the same sum, worked out by the API server. */
export function connectionBudget(root: SpecRoot) {
  const { value, number } = reader(root);
  const available = `${number('databaseMaxConnections')} - ${number('databaseReservedConnections')}`;
  const either = (expression: (layout: Layout) => string): string =>
    `(${value('workersLayout')} == 'Combined' ? ${expression('Combined')} : ${expression('PerQueue')})`;
  return {
    available,
    /** Connections that all pods together could hold. */
    possible: either((layout) => sumOf(linesOf(layout, root))),
    /** The whole sum in words; `text` is given the terms and holds three more numbers: available, reserved, possible. */
    message: (text: (terms: string) => string) =>
      either((layout) => {
        const heads = `${available}, ${number('databaseReservedConnections')}, ${sumOf('n')}`;
        const terms = componentsOf(layout).map((component) => `${component} %s`);
        // CEL has no variables: the lines are worked out once, as the only entry of a list that is mapped to the text.
        return `[${linesOf(layout, root)}].map(n, '${text(terms.join(', '))}'.format([${heads}].map(x, string(x)) + n.map(l, '%d x %d'.format(l))))[0]`;
      }),
  };
}

type Layout = 'PerQueue' | 'Combined';

/** What the contract says of a spec that breaks the budget. */
export const budgetBroken = (terms: string): string =>
  `leaves %s connections (%s are reserved), but the pods could hold %s: ${terms}; lower a pool or a replica count, or raise it`;

const sumOf = (lines: string): string => `${lines}.map(l, l[0] * l[1]).sum()`;

/** How messages name the lines, in their order. */
function componentsOf(layout: Layout): string[] {
  const workers = workerGroups({ workersLayout: layout }).map(({ queue }) =>
    queue === undefined ? 'workers' : `workers-${kebabName(queue)}`,
  );
  return ['upload', ...workers, 'migrations'];
}

/** What each Deployment may hold, as an expression: a list of `[pods, connections of each]`. */
function linesOf(layout: Layout, root: SpecRoot): string {
  const { value, number } = reader(root);
  const fixed = `${value('uploadScalingMode')} == 'Fixed'`;
  const upload = `(${fixed} ? ${number('uploadReplicas')} : ${number('uploadMaxReplicas')}) + 1`;
  const groups = workerGroups({ workersLayout: layout });
  const workers = layout === 'Combined' ? groups.map((group) => together(group, root)) : queueLines(groups, root);
  const migrations = `[[1, ${MIGRATION_CONNECTIONS}]]`;
  return `(${[`[[${upload}, ${number('databasePoolMax')}]]`, ...workers, migrations].join(' + ')})`;
}

function together(group: WorkerGroup, root: SpecRoot): string {
  const { number } = reader(root);
  const jobs = group.queues.map((queue) => number(`${queue}Concurrency`)).join(' + ');
  const most = group.queues.reduce((sum, queue) => sum + mostJobs(queue), 0);
  const pool = poolFor(jobs, leastWorkerPool(group.queues), most, root);
  return `[[${number('workerInstances')} + ${surgeOf(group)}, ${pool}]]`;
}

/**
 * The queues as one list that one expression is mapped over: written out for each, the sum would be a tenth of the CRD.
 * What the queues have in common has no type of its own, so each is taken as a value whose fields are looked up.
 */
function queueLines(groups: readonly WorkerGroup[], root: SpecRoot): string[] {
  const { fieldsOf } = reader(root);
  const pods = `(q.scaling.mode == 'Fixed' ? int(q.replicas) : int(q.scaling.maxReplicas))`;
  const least = (group: WorkerGroup) => leastWorkerPool(group.queues);
  return runsBy(groups, (group) => `${surgeOf(group)}/${least(group)}`).map((run) => {
    const queues = run.flatMap((group) => group.queues);
    const entries = queues.map((queue) => `dyn(${fieldsOf(queue)})`).join(', ');
    const pool = poolFor('int(q.concurrency)', least(run[0]!), Math.max(...queues.map(mostJobs)), root);
    return `[${entries}].map(q, [${pods} + ${surgeOf(run[0]!)}, ${pool}])`;
  });
}

/** Neighbours for which `of` is the same, together. */
function runsBy<T>(list: readonly T[], of: (entry: T) => unknown): T[][] {
  const runs: T[][] = [];
  for (const entry of list) {
    const last = runs.at(-1);
    if (last && of(last[0]!) === of(entry)) last.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

/** The least power of two, from `least`, that is not below the jobs, of which there are `most` at most; at most the pool. */
function poolFor(jobs: string, least: number, most: number, root: SpecRoot): string {
  const { number } = reader(root);
  const steps = [least];
  for (let step = 2 * least; step < 2 * most; step *= 2) steps.push(step);
  return `[${number('databasePoolMax')}, [${steps.join(', ')}].filter(s, s >= ${jobs})[0]].min()`;
}

/** The highest concurrency that a spec may give a queue. */
const mostJobs = (queue: QueueName): number =>
  Number((settings[`${queue}Concurrency`].kind.specSchema as { maximum?: number }).maximum);
