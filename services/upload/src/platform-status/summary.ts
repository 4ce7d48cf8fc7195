import type { PipelineView, QueueOverview } from '@bundler/adapters';
import type { PartState, PlatformPart, PlatformStatus } from '@bundler/contract';
import type { Findings } from './look.ts';

/** Without these no upload can be accepted. */
const VITAL: readonly PlatformPart[] = ['database', 'objectStore'];

/** What everybody may know of what was found. @param now Unix milliseconds */
export function summarize({ parts: asked, queues, pipeline }: Findings, version: string, now: number): PlatformStatus {
  const { database, objectStore, cache, gateway, payment } = asked;
  const reached = queues ? ('up' as const) : ('down' as const);
  const parts = { database, objectStore, queues: reached, cache, workers: workersState(queues), gateway, payment };
  return {
    status: statusOf(parts),
    version,
    checkedAt: now,
    parts,
    queues: queues?.map((queue) => queueStatus(queue, now)) ?? null,
    oldestItemAge: ageOf(pipeline?.oldestWaitingAt, now),
    lastBundle: lastBundle(pipeline, now),
  };
}

function statusOf(parts: PlatformStatus['parts']): PlatformStatus['status'] {
  if (VITAL.some((part) => parts[part] !== 'up')) return 'down';
  const isWell = Object.values(parts).every((state) => state === 'up' || state === 'off');
  return isWell ? 'ok' : 'degraded';
}

/** Up while any worker is there: some queues have none while there is nothing in them. */
function workersState(queues: readonly QueueOverview[] | undefined): PartState {
  const counts = queues?.map(({ workers }) => workers);
  if (!counts || counts.includes(undefined)) return 'unknown';
  return counts.some((count) => count! > 0) ? 'up' : 'down';
}

function queueStatus({ queue, waiting, active, failed, workers, oldestAt }: QueueOverview, now: number) {
  return { queue, waiting, active, failed, oldestJobAge: ageOf(oldestAt, now), workers: workers ?? null };
}

function lastBundle(pipeline: PipelineView | undefined, now: number): PlatformStatus['lastBundle'] {
  const bundle = pipeline?.newestBundle;
  if (!bundle) return null;
  const { state, txId, itemCount, byteCount, createdAt } = bundle;
  return {
    state,
    id: txId?.toString('base64url') ?? null,
    itemCount,
    byteCount,
    age: ageOf(createdAt, now) ?? 0,
  };
}

/** Seconds; the clocks of two machines may differ, and nothing is younger than now. */
function ageOf(at: number | null | undefined, now: number): number | null {
  return at === null || at === undefined ? null : Math.max(0, Math.round((now - at) / 1000));
}
