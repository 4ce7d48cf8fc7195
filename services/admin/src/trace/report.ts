import type { BundleRecord, ItemTrace, JobRecord, UploadRecord, Work } from '@bundler/adapters';
import { type AdminTrace, queues } from '@bundler/contract';
import { bundleAnswer, jobAnswer } from '../records.ts';
import { nextSteps } from './next-steps.ts';

/** What jobs may be about the item. */
export function workOn({ item, bundle, unbundling }: Pick<ItemTrace, 'item' | 'bundle' | 'unbundling'>): Work[] {
  return [
    ...(item ? workOnSegment(item.segmentId) : []),
    ...(unbundling && item
      ? [{ queue: 'unbundleBdi', id: queues.unbundleBdi.jobId({ itemId: text(item.id) }) } as const]
      : []),
    ...(bundle ? workOnBundle(bundle) : []),
  ];
}

const workOnSegment = (segmentId: string): Work[] => [
  { queue: 'newDataItem', id: queues.newDataItem.jobId({ segmentId }) },
  { queue: 'finalizeUpload', id: queues.finalizeUpload.jobId({ uploadId: segmentId }) },
];

/** What jobs may be about a bundle. */
export function workOnBundle({ id, oversized }: Pick<BundleRecord, 'id' | 'oversized'>): Work[] {
  const stages = oversized
    ? (['oversizedDataItem', 'verify'] as const)
    : (['prepare', 'post', 'seed', 'verify'] as const);
  return stages.map((queue) => ({ queue, id: queues[queue].jobId({ bundleId: id }) }));
}

/** Everything that is known of an id, in the order of time, and what to do next. */
export function traceReport(id: string, trace: ItemTrace, jobs: readonly JobRecord[] | undefined): AdminTrace {
  const { item, bundle, upload, unbundling, nested } = trace;
  const state = stateOf(trace);
  return {
    id,
    state,
    item: item ? itemAnswer(item) : null,
    bundle: bundle ? bundleAnswer(bundle) : null,
    upload: upload ? uploadAnswer(upload) : null,
    unbundling: unbundling
      ? { state: unbundling.state, items: unbundling.items, failedReason: unbundling.failedReason }
      : null,
    nested: nested.map(({ rootItemId, parentId, startInRoot }) => ({
      rootItemId: text(rootItemId),
      parentId: text(parentId),
      startInRoot,
    })),
    opticalBacklog: trace.opticalBacklog.map(hostOf),
    jobs: (jobs ?? []).map(jobAnswer),
    events: eventsOf(trace, jobs ?? []),
    nextSteps: nextSteps(trace, jobs),
  };
}

/** Where it is on its way. */
export function stateOf({ item, bundle, upload, nested }: ItemTrace): string {
  if (item?.failedAt) return 'failed';
  if (bundle) return bundle.state;
  if (item) return 'waiting';
  if (upload) return upload.state;
  return nested.length > 0 ? 'nested' : 'unknown';
}

function itemAnswer(item: NonNullable<ItemTrace['item']>): NonNullable<AdminTrace['item']> {
  const { ownerAddress, signatureType, featureType, byteCount, contentType, winc, deadlineHeight } = item;
  const { failedBundles, failedReason, segmentId, segmentOffset, objectKey, bundleOffset } = item;
  return {
    ownerAddress,
    signatureType,
    featureType,
    byteCount,
    contentType,
    winc,
    deadlineHeight,
    failedBundles,
    failedReason,
    segmentId,
    segmentOffset,
    objectKey,
    bundleOffset,
  };
}

function uploadAnswer({ id, state, parts, itemId, failedReason }: UploadRecord): NonNullable<AdminTrace['upload']> {
  return { id, state, parts, itemId: itemId ? text(itemId) : null, failedReason };
}

function eventsOf({ item, bundle, upload, unbundling, nested }: ItemTrace, jobs: readonly JobRecord[]) {
  const events: { at: number; what: string }[] = [];
  const add = (at: number | null | undefined, what: string): void => {
    if (at !== null && at !== undefined) events.push({ at, what });
  };
  if (upload) {
    add(upload.createdAt, `upload in parts ${upload.id} opened`);
    add(upload.movedAt, `upload in parts ${upload.state}`);
  }
  add(item?.receivedAt, 'accepted; its receipt was signed');
  for (const { recordedAt, rootItemId } of nested) add(recordedAt, `found inside of ${text(rootItemId)}`);
  if (unbundling) add(unbundling.movedAt, `the bundle that it carries: ${unbundling.state}`);
  if (bundle) {
    add(bundle.createdAt, `packed into bundle ${bundle.id} with ${bundle.itemCount} items`);
    if (bundle.state !== 'planned') add(bundle.movedAt, `bundle ${bundle.state}`);
    if (bundle.checkedAt > bundle.movedAt) add(bundle.checkedAt, 'bundle looked at last');
  }
  for (const job of jobs) {
    add(job.addedAt, `job ${job.queue}/${job.id} added`);
    add(job.startedAt, `job ${job.queue}/${job.id} taken, try ${Math.max(1, job.attempts)}`);
    add(job.endedAt, `job ${job.queue}/${job.id} ${job.state}`);
  }
  add(item?.failedAt, `failed: ${item?.failedReason ?? ''}`);
  return events.toSorted((a, b) => a.at - b.at);
}

/** Of a bridge only where it is: its URL may hold what opens it. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'a bridge');

const text = (id: Buffer): string => id.toString('base64url');
