import {
  ADMIN_CONNECTIONS,
  kebabName,
  leastWorkerPool,
  MIGRATION_CONNECTIONS,
  type QueueName,
  queueNames,
  settings,
  surgeOf,
  type WorkerGroup,
  workerGroups,
} from '@bundler/contract';
import { reader, type SpecRoot, textList } from '../paths.ts';

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

/** The same of the payment database, which is held to its limit only where one is said. */
export function paymentConnectionBudget(root: SpecRoot) {
  const { value, number } = reader(root);
  const limit = number('paymentDatabaseMaxConnections');
  const [pods, pool] = [`${number('paymentReplicas')} + 1`, number('paymentDatabasePoolMax')];
  const possible = `(${pods}) * ${pool} + ${MIGRATION_CONNECTIONS}`;
  const terms = `payment %d x %d, migrations 1 x ${MIGRATION_CONNECTIONS}`;
  return {
    limit,
    possible,
    isUnsaid: `!${value('paymentEnabled')} || ${limit} == 0`,
    /** The sum in words; `text` is given the terms and holds two more numbers: the limit and what is possible. */
    message: (text: (terms: string) => string) => `'${text(terms)}'.format([${limit}, ${possible}, ${pods}, ${pool}])`,
  };
}

type Layout = 'PerQueue' | 'Combined';

/** What the contract says of a spec that breaks the budget. */
export const budgetBroken = (terms: string): string =>
  `leaves %s connections (%s are reserved), but the pods could hold %s: ${terms}; lower a pool or a replica count, or raise it`;

/** The same of the payment database. */
export const paymentBudgetBroken = (terms: string): string =>
  `is %d, but the pods could hold %d: ${terms}; lower the pool or the replicas, or raise it`;

const sumOf = (lines: string): string => `${lines}.map(l, l[0] * l[1]).sum()`;

/** How messages name the lines, in their order. */
function componentsOf(layout: Layout): string[] {
  const workers = workerGroups({ workersLayout: layout }).map(({ queue }) =>
    queue === undefined ? 'workers' : `workers-${kebabName(queue)}`,
  );
  return ['upload', ...workers, 'admin', 'migrations'];
}

/** What each Deployment may hold, as an expression: a list of `[pods, connections of each]`. */
function linesOf(layout: Layout, root: SpecRoot): string {
  const { value, number } = reader(root);
  const fixed = `${value('uploadScalingMode')} == 'Fixed'`;
  const upload = `(${fixed} ? ${number('uploadReplicas')} : ${number('uploadMaxReplicas')}) + 1`;
  const workers = layout === 'Combined' ? together(root) : oneByOne(root);
  const admin = `[[${value('adminEnabled')} ? 1 : 0, ${ADMIN_CONNECTIONS}]]`;
  const migrations = `[[1, ${MIGRATION_CONNECTIONS}]]`;
  return `([[${upload}, ${number('databasePoolMax')}]] + ${workers} + ${admin} + ${migrations})`;
}

/** The one line of the processes that serve all queues. */
function together(root: SpecRoot): string {
  const { number, queueNamed } = reader(root);
  const [group] = workerGroups({ workersLayout: 'Combined' }) as [WorkerGroup];
  const jobs = `${textList(queueNames)}.map(n, int(${queueNamed('n')}.concurrency)).sum()`;
  const most = queueNames.reduce((sum, queue) => sum + mostJobs(queue), 0);
  const least = leastWorkerPool(queueNames);
  return `[[${number('workerInstances')} + ${surgeOf(group)}, ${poolFor(jobs, least, `${least}`, most, root)}]]`;
}

/** A line a queue, by one expression that is mapped over their names. */
function oneByOne(root: SpecRoot): string {
  const q = reader(root).queueNamed('n');
  const pods = `(${q}.scaling.mode == 'Fixed' ? int(${q}.replicas) : int(${q}.scaling.maxReplicas))`;
  const surge = byQueue((queue) => surgeOf({ queue, queues: [queue] }));
  const leastOf = (queue: QueueName): number => leastWorkerPool([queue]);
  const least = Math.min(...queueNames.map(leastOf));
  const most = Math.max(...queueNames.map(mostJobs));
  const pool = poolFor(`int(${q}.concurrency)`, least, byQueue(leastOf), most, root);
  return `${textList(queueNames)}.map(n, [${pods} + ${surge}, ${pool}])`;
}

/** A number in which queues differ, for the queue called `n`; the one that most have is named last. */
function byQueue(of: (queue: QueueName) => number): string {
  const groups = [...Map.groupBy(queueNames, of)].toSorted(([, a], [, b]) => a.length - b.length);
  const cases = groups.slice(0, -1).map(([value, queues]) => `n in ${textList(queues)} ? ${value} : `);
  return `(${cases.join('')}${groups.at(-1)?.[0]})`;
}

/**
 * The least step that is neither below the jobs nor below the least pool of the group; at most the pool.
 *
 * @param first the least such step of any group, @param most the most jobs of any
 */
function poolFor(jobs: string, first: number, least: string, most: number, root: SpecRoot): string {
  const steps = [first];
  // As the contract's own steps: doubled up to 32, and by 16 from there.
  for (let last = first; last < most; last = steps.at(-1)!) steps.push(last < 32 ? 2 * last : last + 16);
  const enough = `[${steps.join(', ')}].filter(s, s >= ${jobs} && s >= ${least})[0]`;
  return `[${reader(root).number('databasePoolMax')}, ${enough}].min()`;
}

/** The highest concurrency that a spec may give a queue. */
const mostJobs = (queue: QueueName): number =>
  Number((settings[`${queue}Concurrency`].kind.specSchema as { maximum?: number }).maximum);
