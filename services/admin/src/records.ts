import type { BundleRecord, JobRecord, QueueOverview } from '@bundler/adapters';
import type { AdminBundle, AdminJob, AdminQueue } from '@bundler/contract';
import { redact, redactText } from '@bundler/runtime';

/** A queue as the API tells it. */
export function queueAnswer({ workers, oldestAt, ...counts }: QueueOverview): AdminQueue {
  return { ...counts, workers: workers ?? null, oldestAt: oldestAt ?? null };
}

/** A job as the API tells it. What failed may have quoted an address with its password. */
export function jobAnswer({ payload, failedReason, startedAt, endedAt, ...job }: JobRecord): AdminJob {
  return {
    ...job,
    payload: redact(payload),
    failedReason: failedReason === undefined ? null : redactText(failedReason),
    startedAt: startedAt ?? null,
    endedAt: endedAt ?? null,
  };
}

/** A bundle as the API tells it. */
export function bundleAnswer({ txId, ...bundle }: BundleRecord): AdminBundle {
  return { ...bundle, txId: txId?.toString('base64url') ?? null };
}
