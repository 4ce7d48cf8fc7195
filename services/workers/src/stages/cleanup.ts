import { partsPrefix } from '@bundler/contract';
import { freeParts } from './free-parts.ts';
import type { Stage, StageContext } from './stage.ts';

/** Objects handled between two looks at the clock and the database. */
const BATCH = 500;
/** Rows deleted by one statement. */
const ROWS = 5000;

/**
 * Deletes what nobody needs any more: spent segments and uploads in parts, expired uploads, old offsets and optical posts,
 * objects without a row, pieces of uploads that died.
 */
export const cleanup: Stage<'cleanup'> = (context) => async (_, signal) => {
  await deleteSpent(context, signal);
  await freeUploads(context, signal);
  await forgetOffsets(context, signal);
  await giveUpOptical(context, signal);
  const { segments, uploads } = context;
  await deleteUnknown('segments/', (keys) => segments.unknownKeys(keys), context, signal);
  await deleteUnknown(partsPrefix, (keys) => uploads.unknownKeys(keys), context, signal);
  const abandoned = await context.store.sweepAbandoned(context.config.cleanupAfter);
  context.metrics.objectsDeleted.inc({ reason: 'abandoned' }, abandoned);
};

/** The object goes before its row: a row without an object is found again, an object without a row only by listing. */
async function deleteSpent({ config, metrics, segments, store }: StageContext, signal: AbortSignal): Promise<void> {
  for (;;) {
    const spent = await segments.findSpent(config.cleanupAfter, BATCH);
    for (const segment of spent) {
      if (signal.aborted) return;
      await store.delete(segment.objectKey);
      await segments.delete(segment.id);
      metrics.objectsDeleted.inc({ reason: 'spent' });
    }
    if (spent.length < BATCH) return;
  }
}

/** Ends uploads whose time is over, and frees the parts of all that are done with. */
async function freeUploads(context: StageContext, signal: AbortSignal): Promise<void> {
  const { config, logger, metrics, uploads } = context;
  const expired = await uploads.expire();
  metrics.multipartUploads.inc({ outcome: 'expired' }, expired);
  if (expired > 0) logger.info({ uploads: expired }, 'multipart uploads expired');
  for (;;) {
    const spent = await uploads.findSpent(config.cleanupAfter, BATCH);
    for (const uploadId of spent) {
      if (signal.aborted) return;
      await freeParts(uploadId, context);
    }
    if (spent.length < BATCH) break;
  }
  await uploads.forgetFreed();
}

/** Places of nested items that nobody looks up in this service any more. */
async function forgetOffsets(
  { config, metrics, nestedItems, unbundlings }: StageContext,
  signal: AbortSignal,
): Promise<void> {
  const tables = {
    nested_items: () => nestedItems.forget(config.offsetsTtl, ROWS),
    unbundlings: () => unbundlings.forgetEnded(config.offsetsTtl, ROWS),
  };
  for (const [table, forget] of Object.entries(tables)) {
    for (let forgotten = ROWS; forgotten === ROWS && !signal.aborted; ) {
      forgotten = await forget();
      metrics.rowsForgotten.inc({ table }, forgotten);
    }
  }
}

/** Headers that a bridge did not take in time: it will have found their items on the chain. */
async function giveUpOptical({ config, deliveries, metrics }: StageContext, signal: AbortSignal): Promise<void> {
  for (let full = true; full && !signal.aborted; ) {
    const bridges = await deliveries.giveUp(config.opticalMaxAge, ROWS);
    for (const bridge of bridges) metrics.opticalLost.inc({ bridge: new URL(bridge).host, why: 'too_old' });
    full = bridges.length === ROWS;
  }
}

/** Objects whose row never came: their upload died between the two, so nobody has a receipt for them. */
async function deleteUnknown(
  prefix: string,
  unknownAmong: (keys: readonly string[]) => Promise<string[]>,
  { config, metrics, now, store }: StageContext,
  signal: AbortSignal,
): Promise<void> {
  const deleteThoseUnknown = async (keys: readonly string[]): Promise<void> => {
    for (const key of await unknownAmong(keys)) {
      await store.delete(key);
      metrics.objectsDeleted.inc({ reason: 'unknown' });
    }
  };
  let keys: string[] = [];
  for await (const object of store.list(prefix)) {
    if (signal.aborted) return;
    if (object.modifiedAt <= now() - config.cleanupAfter) keys.push(object.key);
    if (keys.length < BATCH) continue;
    await deleteThoseUnknown(keys);
    keys = [];
  }
  if (keys.length > 0) await deleteThoseUnknown(keys);
}
