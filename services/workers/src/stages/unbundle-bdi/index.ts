import { type NestedOffset, ObjectDamaged, type ToUnbundle } from '@bundler/adapters';
import { contentType, type NestedFault, type NestedItem, walkBundle } from '@bundler/ans104';
import { readExtents } from '../../bundle/read-extents.ts';
import type { Stage, StageContext } from '../stage.ts';
import { tellBridges } from '../tell-bridges.ts';
import { OffsetBatches } from './offset-batches.ts';

const MISSING = 'missing_from_object_store';

/**
 * Finds the items in the bundle that an accepted item carries. The item itself is on its way already: whatever is wrong
 * inside of it is counted and told, and changes nothing about it.
 */
export const unbundleBdi: Stage<'unbundleBdi'> =
  (context) =>
  async ({ itemId }, signal) => {
    const item = await context.unbundlings.findWaiting(Buffer.from(itemId, 'base64url'));
    if (!item) return;
    try {
      // An item that has been permanent for long has neither object nor row for its bytes any more.
      if (item.extents.length === 0) await fail(item, MISSING, context);
      else await unbundle(item, context, signal);
    } catch (error) {
      if (!(error instanceof ObjectDamaged)) throw error;
      await fail(item, MISSING, context);
    }
  };

async function unbundle(item: ToUnbundle, context: StageContext, signal: AbortSignal): Promise<void> {
  const { config } = context;
  const batches = new OffsetBatches(item.id, context);
  const problems: Record<string, number> = {};
  const found = walkBundle(
    readExtents(item.extents, context.read),
    { id: item.id, start: item.payloadStart, end: item.byteCount },
    { maxItems: config.unbundleMaxItems, maxDepth: config.unbundleMaxDepth },
  );
  for await (const one of found) {
    // Begun anew by another worker, it finds the same.
    if (signal.aborted) return;
    if (!('problem' in one)) {
      await batches.add(offsetOf(one));
    } else if (isWhole(one, item)) {
      await fail(item, one.problem, context);
      return;
    } else {
      problems[one.problem] = (problems[one.problem] ?? 0) + 1;
    }
  }
  await finish(item, await batches.end(), problems, context);
}

/** Whether it is the accepted item's own payload that is no bundle. */
function isWhole({ id, parentId }: NestedFault, item: ToUnbundle): boolean {
  return id === undefined && parentId.equals(item.id);
}

function offsetOf({ header, byteCount, ...place }: NestedItem): NestedOffset {
  return { ...place, id: header.id, byteCount, payloadStart: header.length, contentType: contentType(header) };
}

async function finish(
  item: ToUnbundle,
  items: number,
  problems: Readonly<Record<string, number>>,
  context: StageContext,
): Promise<void> {
  const { config, logger, metrics, unbundlings } = context;
  if (!(await unbundlings.markParsed(item.id, items, problems, config.opticalBridgeUrls))) return;
  // All batches may have been written by now.
  await tellBridges(context);
  metrics.unbundled.inc({ outcome: 'unbundled' });
  metrics.nestedItems.inc({ outcome: 'found' }, items);
  for (const [problem, count] of Object.entries(problems)) metrics.nestedItems.inc({ outcome: problem }, count);
  const facts = { id: item.id.toString('base64url'), items, problems };
  if (Object.keys(problems).length > 0) logger.warn(facts, 'unbundled; some entries are no items');
  else logger.info(facts, 'unbundled');
}

async function fail(item: ToUnbundle, reason: string, { logger, metrics, unbundlings }: StageContext): Promise<void> {
  if (!(await unbundlings.fail(item.id, reason))) return;
  metrics.unbundled.inc({ outcome: reason });
  logger.warn(
    { id: item.id.toString('base64url'), reason },
    'an item says that it carries a bundle; it cannot be read',
  );
}
