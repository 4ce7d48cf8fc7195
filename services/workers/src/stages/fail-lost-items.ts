import type { Bundle, BundleItem, ObjectDamaged } from '@bundler/adapters';
import type { StageContext } from './stage.ts';

const REASON = 'missing_from_object_store';

/** Ends the items whose bytes are gone for ever, and their bundle with them; its other items are packed again. */
export async function failLostItems(
  bundle: Bundle,
  items: readonly BundleItem[],
  error: ObjectDamaged,
  { bundles, jobs, logger, metrics }: StageContext,
): Promise<void> {
  const lost = items
    .filter(({ extents }) =>
      extents.some(({ objectKey, start, byteCount }) => objectKey === error.key && start + byteCount > error.byteCount),
    )
    .map((item) => item.id);
  logger.error({ err: error, bundleId: bundle.id, items: lost.length }, 'item bytes are gone');
  if (!(await bundles.failItems(bundle.id, lost, REASON, bundle.state))) return;
  metrics.bundleTransitions.inc({ state: 'failed' });
  metrics.itemsFailed.inc({ reason: REASON }, lost.length);
  await jobs.add('refundBalance', {});
}
