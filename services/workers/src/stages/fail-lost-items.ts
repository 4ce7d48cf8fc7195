import type { Bundle, BundleItem, ObjectDamaged } from '@bundler/adapters';
import { noteFailure } from './moved.ts';
import type { StageContext } from './stage.ts';

const REASON = 'missing_from_object_store';

/** Ends the items whose bytes are gone for ever, and their bundle with them; its other items are packed again. */
export async function failLostItems(
  bundle: Bundle,
  items: readonly BundleItem[],
  error: ObjectDamaged,
  context: StageContext,
): Promise<void> {
  const { bundles, jobs, logger } = context;
  const lost = items
    .filter(({ extents }) =>
      extents.some(({ objectKey, start, byteCount }) => objectKey === error.key && start + byteCount > error.byteCount),
    )
    .map((item) => item.id);
  logger.error({ err: error, bundleId: bundle.id, items: lost.length }, 'item bytes are gone');
  if (!(await bundles.failItems(bundle.id, lost, REASON, bundle.state))) return;
  noteFailure(bundle, REASON, { reason: REASON, failed: lost.length }, context);
  await jobs.add('refundBalance', {});
}
