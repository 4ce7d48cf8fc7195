import { type AdminJob, type AdminQueue, type AdminQueueDetail, queues, type RetryAnswer } from '@bundler/contract';
import { ADMIN_OPTIONS_HELP, type AdminApi, adminOptions, openAdminApi } from '../admin-api.ts';
import { type Arguments, type Command, type Context, confirm, printJson, UsageError } from '../command.ts';
import { age, shown, table } from '../text.ts';
import { queueOf } from './pause.ts';

export const queue: Command = {
  usage: 'NAME [QUEUE]',
  summary: 'what waits in the queues, what failed and why, and trying that again',
  details: `      --limit N                 most jobs of a kind that are shown; default: 20
      --retry                   failed jobs of QUEUE wait again: all that are kept, or those of --job
      --job ID                  one job; may be given again
      --yes                     do it without asking
${ADMIN_OPTIONS_HELP}

Without QUEUE: all of them, in numbers. Mend the cause before you retry: a job that fails again is kept again.`,
  words: 2,
  options: {
    ...adminOptions,
    limit: { type: 'string', default: '20' },
    retry: { type: 'boolean' },
    job: { type: 'string', multiple: true },
    yes: { type: 'boolean', short: 'y' },
  },
  outputs: ['text', 'json'],
  run,
};

async function run(context: Context, args: Arguments) {
  const { positionals, values } = args;
  const [name, word] = positionals;
  if (name === undefined) throw new UsageError('queue needs the name of a BundlerConfig');
  const limit = Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new UsageError(`--limit is a whole number from 1 to 1000, but got "${values.limit}"`);
  const which = word === undefined ? undefined : queues[queueOf(word)].name;
  if ((values.retry === true || values.job !== undefined) && which === undefined)
    throw new UsageError('--retry and --job need the name of a queue');
  if (values.job !== undefined && values.retry !== true) throw new UsageError('--job is for --retry');
  const admin = await openAdminApi(context, name, args);
  if (which === undefined) return list(context, await admin.get<AdminQueue[]>('/queues'));
  const detail = await admin.get<AdminQueueDetail>(`/queues/${which}`, { limit });
  if (values.retry === true) return retry(context, admin, detail, args);
  if (context.output === 'json') printJson(context, detail);
  else context.terminal.out(`${detailLines(detail, context.clock.date()).join('\n')}\n`);
  return 0 as const;
}

function list(context: Context, all: readonly AdminQueue[]) {
  if (context.output === 'json') printJson(context, all);
  else context.terminal.out(`${queueLines(all, context.clock.date()).join('\n')}\n`);
  return 0 as const;
}

/** A queue a line. */
function queueLines(all: readonly AdminQueue[], now: Date): string[] {
  const head = ['QUEUE', 'WAITING', 'ACTIVE', 'DELAYED', 'FAILED', 'WORKERS', 'OLDEST'];
  const rows = all.map(({ queue, waiting, active, delayed, failed, workers, oldestAt }) => [
    queue,
    ...[waiting, active, delayed, failed].map(String),
    workers === null ? '?' : `${workers}`,
    oldestAt === null ? '-' : age(oldestAt, now),
  ]);
  return table([head, ...rows]);
}

/** One queue with its jobs. */
export function detailLines({ queue, doc, failed, active, waiting }: AdminQueueDetail, now: Date): string[] {
  const parts = [
    ['failed, the latest', failed],
    ['active', active],
    ['waiting, the oldest', waiting],
  ] as const;
  const told = parts.filter(([, jobs]) => jobs.length > 0);
  return [doc, ...queueLines([queue], now), ...told.flatMap(([what, jobs]) => [what, ...jobLines(jobs, now)])];
}

function jobLines(jobs: readonly AdminJob[], now: Date): string[] {
  return jobs.flatMap(({ id, attempts, addedAt, endedAt, payload, failedReason }) => [
    `  ${id}  ${attempts} ${attempts === 1 ? 'try' : 'tries'}, ${age(endedAt ?? addedAt, now)} ago  ${shown(payload)}`,
    ...(failedReason === null ? [] : failedReason.split('\n').slice(0, 3)).map((line) => `      ${line}`),
  ]);
}

async function retry(context: Context, admin: AdminApi, detail: AdminQueueDetail, { positionals, values }: Arguments) {
  const { queue } = detail;
  const jobs = values.job as readonly string[] | undefined;
  const what = jobs === undefined ? `${queue.failed} failed of ${queue.queue}` : `${jobs.join(', ')} of ${queue.queue}`;
  if (context.output !== 'json') context.terminal.out(`these jobs are to wait again: ${what}\n`);
  if (values.yes !== true) await confirm(context);
  const answer = await admin.post<RetryAnswer>(`/queues/${queue.queue}/retry`, jobs === undefined ? {} : { jobs });
  if (context.output === 'json') printJson(context, answer);
  else
    context.terminal.out(
      `${answer.retried} wait again; look with: kubectl bundler queue ${positionals.slice(0, 2).join(' ')}\n`,
    );
  // Jobs that were named and are not there are trouble; that nothing has failed is none.
  return jobs !== undefined && answer.retried < jobs.length ? 1 : 0;
}
