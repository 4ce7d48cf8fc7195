import type { AdminBundle, AdminBundleDetail, AdminTrace } from '@bundler/contract';
import { ADMIN_OPTIONS_HELP, type AdminApi, adminOptions, NotKnown, openAdminApi } from '../admin-api.ts';
import { type Arguments, type Command, type Context, printJson, UsageError } from '../command.ts';
import { table } from '../text.ts';

export const trace: Command = {
  usage: 'NAME ID',
  summary: 'the life of a data item, an upload in parts, or a bundle, and what comes next',
  details: `${ADMIN_OPTIONS_HELP}

ID is that of a data item, an upload in parts, or a bundle; of a bundle also that of its transaction. Write -- before
an id that begins with a dash. Exit code 1 when it has failed, or nobody has sent it.`,
  words: 2,
  options: adminOptions,
  outputs: ['text', 'json'],
  run,
};

const FORM = /^([A-Za-z0-9_-]{43}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

async function run(context: Context, args: Arguments) {
  const [name, id] = args.positionals;
  if (name === undefined || id === undefined) throw new UsageError('trace needs the name of a BundlerConfig and an id');
  if (!FORM.test(id))
    throw new UsageError(`"${id}" is no id: those of items have 43 characters, those of bundles and uploads are UUIDs`);
  const admin = await openAdminApi(context, name, args);
  const told = await admin.get<AdminTrace>(`/trace/${id}`);
  const bundle = told.state === 'unknown' ? await bundleOf(admin, id) : undefined;
  const answer = bundle ?? told;
  if (context.output === 'json') printJson(context, answer);
  else context.terminal.out(`${(bundle ? bundleLines(bundle) : traceLines(told, name)).join('\n')}\n`);
  return ['failed', 'unknown'].includes(bundle?.bundle.state ?? told.state) ? 1 : 0;
}

/** A bundle of this id, or whose transaction has it. */
async function bundleOf(admin: AdminApi, id: string): Promise<AdminBundleDetail | undefined> {
  try {
    return await admin.get<AdminBundleDetail>(`/bundles/${id}`);
  } catch (error) {
    // Neither is there such a bundle: the trace has said what to do about an unknown id.
    if (error instanceof NotKnown) return undefined;
    throw error;
  }
}

/** A trace as people read it: facts, events in the order of time, and what to do. */
export function traceLines({ id, state, item, bundle, upload, events, nextSteps }: AdminTrace, name: string): string[] {
  const facts: string[][] = [];
  if (item) {
    facts.push(['owner', item.ownerAddress], ['size', `${item.byteCount} bytes`], ['charged', `${item.winc} winc`]);
    if (item.contentType) facts.push(['content type', item.contentType]);
    facts.push(['stored in', item.objectKey ?? item.segmentId]);
    if (item.failedBundles > 0) facts.push(['failed with it', `${item.failedBundles} bundles`]);
    if (item.failedReason) facts.push(['failed because', item.failedReason]);
  }
  if (upload) facts.push(['upload in parts', `${upload.id}, ${upload.state}, ${upload.parts} parts`]);
  if (bundle) facts.push(...bundleFacts(bundle));
  return [
    `${id}  ${state}`,
    ...table(facts, '  '),
    ...eventLines(events),
    ...section(
      'next',
      nextSteps.map((step) => asCommand(step, name)),
    ),
  ];
}

/** A bundle as people read it. */
export function bundleLines({ bundle, items, jobs }: AdminBundleDetail): string[] {
  const events = [
    { at: bundle.createdAt, what: `planned with ${bundle.itemCount} items` },
    ...(bundle.state === 'planned' ? [] : [{ at: bundle.movedAt, what: bundle.state }]),
    ...(bundle.checkedAt > bundle.movedAt ? [{ at: bundle.checkedAt, what: 'looked at last' }] : []),
  ];
  const tries = jobs.map(({ queue, id, state, failedReason }) =>
    [`${queue}/${id}`, state, failedReason ?? ''].join(' ').trim(),
  );
  const unnamed = bundle.itemCount - items.length;
  return [
    `bundle ${bundle.id}  ${bundle.state}`,
    ...table(bundleFacts(bundle), '  '),
    ...eventLines(events),
    ...section('jobs', tries),
    ...section('items', [...items, ...(unnamed > 0 ? [`and ${unnamed} more`] : [])]),
  ];
}

function bundleFacts({ id, state, itemCount, byteCount, txId, blockHeight, seededChunks, failedReason }: AdminBundle) {
  return [
    ['bundle', `${id}, ${state}, ${itemCount} items, ${byteCount} bytes`],
    ...(txId === null ? [] : [['transaction', txId]]),
    ...(seededChunks > 0 ? [['chunks sent', `${seededChunks}`]] : []),
    ...(blockHeight === null ? [] : [['block', `${blockHeight}`]]),
    ...(failedReason === null ? [] : [['failed because', failedReason]]),
  ];
}

/** When, how long after the first, and what. */
function eventLines(events: readonly { readonly at: number; readonly what: string }[]): string[] {
  const start = events[0]?.at ?? 0;
  const rows = events.map(({ at, what }) => [
    new Date(at).toISOString(),
    `+${((at - start) / 1000).toFixed(1)} s`,
    what,
  ]);
  return section('events', table(rows));
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

/** The service names the route that helps; here is a command for it. */
const asCommand = (step: string, name: string): string =>
  step.replace(/POST \/admin\/v1\/queues\/([\w-]+)\/retry/, `kubectl bundler queue ${name} $1 --retry`);
