import type { BundleState } from '@bundler/adapters';
import type { StageContext } from './stage.ts';

/** Ends a bundle as failed; its items wait again, or end as failed when that happened to them too often. */
export async function giveUpBundle(
  bundleId: string,
  from: BundleState,
  reason: string,
  { bundles, config, jobs, logger, metrics }: StageContext,
): Promise<void> {
  const result = await bundles.fail(bundleId, from, reason, config.maxFailedBundles);
  if (!result) return;
  metrics.bundleTransitions.inc({ state: 'failed' });
  if (result.failed > 0) {
    metrics.itemsFailed.inc({ reason: 'too_many_failures' }, result.failed);
    await jobs.add('refundBalance', {});
  }
  logger.warn({ bundleId, reason, ...result }, 'bundle given up; its items are packed again');
}
