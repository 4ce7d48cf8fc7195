import type { Bundle, BundleState } from '@bundler/adapters';
import { noteFailure } from './moved.ts';
import type { StageContext } from './stage.ts';

/** Ends a bundle as failed; its items wait again, or end as failed when that happened to them too often. */
export async function giveUpBundle(
  bundle: Pick<Bundle, 'id' | 'oversized'>,
  from: BundleState,
  reason: string,
  context: StageContext,
): Promise<void> {
  const { bundles, config, jobs, logger } = context;
  const result = await bundles.fail(bundle.id, from, reason, config.maxFailedBundles);
  if (!result) return;
  noteFailure(bundle, reason, { reason: 'too_many_failures', failed: result.failed }, context);
  if (result.failed > 0) await jobs.add('refundBalance', {});
  logger.warn({ bundleId: bundle.id, reason, ...result }, 'bundle given up; its items are packed again');
}
