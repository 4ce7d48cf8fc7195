import type { Bundle, BundleState } from '@bundler/adapters';
import type { StageContext } from './stage.ts';

/** The step that ends in a state. */
const stages = { prepared: 'prepare', posted: 'post', seeded: 'seed', permanent: 'verify' } as const;

/** Counts that a bundle has made a step. @param bundle as it was found before */
export async function noteMove(bundle: Bundle, to: keyof typeof stages, context: StageContext): Promise<void> {
  const { metrics, now } = context;
  metrics.bundleTransitions.inc({ state: to });
  metrics.bundleStages.observe({ stage: stages[to] }, Math.max(0, now() - bundle.enteredAt) / 1000);
  if (to === 'posted' && bundle.oversized) metrics.oversizedOutcomes.inc({ outcome: 'posted' });
  if (to === 'permanent') notePermanent(bundle, context);
  if (to === 'posted' || to === 'permanent') await noteFinality(bundle, to, context);
}

/** Counts that a bundle was given up, and items with it. */
export function noteFailure(
  { oversized }: Pick<Bundle, 'oversized'>,
  reason: string,
  items: { readonly reason: string; readonly failed: number },
  { metrics }: Pick<StageContext, 'metrics'>,
): void {
  metrics.bundleTransitions.inc({ state: 'failed' satisfies BundleState });
  metrics.bundleFailures.inc({ reason });
  if (oversized) metrics.oversizedOutcomes.inc({ outcome: 'failed' });
  if (items.failed > 0) metrics.itemsFailed.inc({ reason: items.reason }, items.failed);
}

/** Only now has the network taken the money: a transaction that it forgets costs nothing. */
function notePermanent({ itemCount, tx }: Bundle, { metrics }: StageContext): void {
  metrics.itemsPermanent.inc(itemCount);
  const reward = Number(tx?.reward ?? 0);
  metrics.spend.inc({ kind: 'reward' }, reward);
  metrics.bundleCost.observe({ kind: 'reward' }, reward);
}

async function noteFinality(
  { id }: Bundle,
  to: 'posted' | 'permanent',
  { bundles, logger, metrics }: StageContext,
): Promise<void> {
  try {
    for (const { seconds, items } of await bundles.itemAges(id)) {
      for (let item = 0; item < items; item += 1) metrics.itemFinality.observe({ to }, seconds);
    }
  } catch (error) {
    // The step is made: that nobody measured it must not have it made again.
    logger.warn({ err: error, bundleId: id }, 'the ages of its items are not known');
  }
}
