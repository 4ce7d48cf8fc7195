import { randomUUID } from 'node:crypto';
import type { PlannedBundle, PlanningTransaction } from '@bundler/adapters';
import { followPlanned } from '../followed.ts';
import { wake } from '../lane.ts';
import type { Stage, StageContext } from '../stage.ts';
import { layOut, pack, worthPacking } from './policy.ts';

/**
 * Packs waiting items. Several planners work side by side: each locks the items it looks at, so a full bundle is any
 * planner's to take; an under-full one is packed under a lock, or planners would make fragments of it.
 */
export const plan: Stage<'plan'> = (context) => async (_, signal) => {
  for (const featureType of await context.planning.waitingFeatureTypes()) {
    let startedAt = context.now();
    let packed = await packOne(featureType, context);
    while (packed && !signal.aborted) {
      notePlanned(packed, context);
      const { id: bundleId, items, byteCount: bytes, oversized } = packed;
      context.logger.info({ bundleId, items: items.length, bytes, oversized }, 'planned');
      const planned = packed;
      await followPlanned(bundleId, startedAt, context, () => wake(planned, 'planned', context));
      // Where one bundle was full there is probably more: let another planner help.
      if (packed.full) await context.jobs.add('plan', { trigger: packed.id });
      startedAt = context.now();
      packed = await packOne(featureType, context);
    }
  }
};

interface Packed extends PlannedBundle {
  readonly full: boolean;
  /** When its oldest item was accepted, Unix milliseconds. */
  readonly since: number;
}

function notePlanned({ byteCount, items, oversized, since }: Packed, { metrics, now }: StageContext): void {
  metrics.bundleTransitions.inc({ state: 'planned' });
  metrics.bundleStages.observe({ stage: 'plan' }, Math.max(0, now() - since) / 1000);
  metrics.bundleSize.observe(byteCount);
  metrics.bundleItems.observe(items.length);
  if (oversized) metrics.oversizedItems.inc();
}

async function packOne(featureType: string, { config, now, planning }: StageContext): Promise<Packed | undefined> {
  const limits = {
    maxItems: config.maxBundleItems,
    maxBytes: config.maxBundleSize,
    overdueMs: config.overdueThreshold,
  };
  // A look without locks first: locking thousands of rows at every tick, for nothing, writes all of them.
  if (!worthPacking(await planning.peek(featureType, limits.maxItems), limits, now())) return undefined;
  return planning.transaction(async (transaction: PlanningTransaction) => {
    const waiting = await transaction.takeWaiting(featureType, limits.maxItems);
    const { items, state } = pack(waiting, limits, now());
    if (state === 'waiting') return undefined;
    if (state === 'overdue' && !(await transaction.lockRemainder(featureType))) return undefined;
    const bundle = { id: randomUUID(), oversized: state === 'oversized', ...layOut(items) };
    await transaction.insertBundle(featureType, bundle);
    const since = items.reduce((first, { receivedAt }) => Math.min(first, receivedAt), Number.POSITIVE_INFINITY);
    return { ...bundle, since, full: state === 'full' };
  });
}
