import { type Connections, type ConnectionUse, isOverBudget } from '@bundler/contract';
import type { Budget, EditPlan, FieldChange } from './edit.ts';
import { mebibytes, type Paint, shown, table } from './text.ts';

const effects = {
  live: 'live',
  restart: 'restarts pods',
  cluster: 'around the pods',
} as const;

/** What people read of a plan. */
export function planLines(plan: EditPlan, paint: Paint): string[] {
  const { fields, adds, changes, deletes, restarts, problems } = plan;
  const sections: [string, string[]][] = [
    ['refused', problems.map((problem) => paint('bad', problem))],
    ['fields', fieldLines(fields)],
    ['objects', objectLines({ adds, changes, deletes }, paint)],
    [
      'restarts',
      restarts.flatMap(({ deployment, reasons }) => [
        paint('odd', deployment),
        ...reasons.map((reason) => `  because ${reason}`),
      ]),
    ],
  ];
  const told = sections.filter(([, lines]) => lines.length > 0);
  const head = told.flatMap(([name, lines]) => [name, ...lines.map((line) => `  ${line}`)]);
  if (fields.length === 0 && problems.length === 0 && adds.length + changes.length + deletes.length === 0) {
    return ['nothing would change', ...budgetLines(plan.before, plan.after, paint)];
  }
  const quiet = problems.length === 0 && restarts.length === 0 ? ['no pod would be restarted'] : [];
  return [...head, ...quiet, ...budgetLines(plan.before, plan.after, paint)];
}

export function fieldLines(fields: readonly FieldChange[]): string[] {
  return table(fields.map(({ path, from, to, applies }) => [path, `${shown(from)} → ${shown(to)}`, effects[applies]]));
}

function objectLines(
  { adds, changes, deletes }: Pick<EditPlan, 'adds' | 'changes' | 'deletes'>,
  paint: Paint,
): string[] {
  return [
    ...adds.map((object) => paint('good', `+ ${object}`)),
    ...changes.map((object) => paint('odd', `~ ${object}`)),
    ...deletes.map((object) => paint('bad', `- ${object}`)),
  ];
}

/** What people call the connections to the payment database, beside `connections` to the other one. */
export const PAYMENT_CONNECTIONS = 'connections to the payment database';

const noun = (count: number, one: string): string => (count === 1 ? one : `${one}s`);

const moved = (was: number | string | undefined, is: number | string): string =>
  was === undefined || was === is ? `${is}` : `${was} → ${is}`;

/** The budgets, and where an edit moves them from. */
export function budgetLines(before: Budget | undefined, after: Budget, paint: Paint): string[] {
  const memory = after.memory.map(({ component, jobs, needed, limit }) => {
    const was = before?.memory.find((line) => line.component === component);
    const sizes = `${moved(was && mebibytes(was.needed), mebibytes(needed))} of ${moved(was && mebibytes(was.limit), mebibytes(limit))}`;
    return [component, `${moved(was?.jobs, jobs)} ${noun(jobs, 'job')}`, sizes, needed > limit ? 'too little' : ''];
  });
  const { connections, paymentConnections } = after;
  return [
    ...connectionLines('connections', before?.connections, connections, paint),
    ...(paymentConnections
      ? connectionLines(PAYMENT_CONNECTIONS, before?.paymentConnections, paymentConnections, paint)
      : []),
    'memory of a worker pod: needed of its limit',
    ...table(memory, '  '),
  ];
}

function connectionLines(what: string, before: Connections | undefined, after: Connections, paint: Paint): string[] {
  const rows = after.lines.map(({ component, pods, pool, connections }) => {
    const was = before?.lines.find((line) => line.component === component);
    return [
      component,
      `${moved(was?.pods, pods)} ${noun(pods, 'pod')}`,
      `× ${moved(was?.pool, pool)}`,
      `= ${moved(was?.connections, connections)}`,
    ];
  });
  return [connectionHead(what, before, after, paint), ...table(rows, '  ')];
}

/** How many connections there could be of how many, and where an edit moves both from. */
export function connectionHead(
  what: string,
  before: ConnectionUse | undefined,
  after: ConnectionUse,
  paint: Paint,
): string {
  const { available, possible } = after;
  const limit = available === undefined ? 'an unknown number' : moved(before?.available, available);
  const head = `${what}: ${moved(before?.possible, possible)} possible of ${limit} available`;
  return isOverBudget(after) ? paint('bad', head) : head;
}
