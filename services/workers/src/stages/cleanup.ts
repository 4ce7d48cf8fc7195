import type { Stage, StageContext } from './stage.ts';

/** Objects handled between two looks at the clock and the database. */
const BATCH = 500;

/** Deletes what nobody needs any more: spent segments, objects without a row, pieces of uploads that died. */
export const cleanup: Stage<'cleanup'> = (context) => async (_, signal) => {
  await deleteSpent(context, signal);
  await deleteUnknown(context, signal);
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

/** Objects whose row never came: their upload died between the two, so nobody has a receipt for them. */
async function deleteUnknown(context: StageContext, signal: AbortSignal): Promise<void> {
  const { config, now, store } = context;
  let keys: string[] = [];
  for await (const object of store.list('segments/')) {
    if (signal.aborted) return;
    if (object.modifiedAt <= now() - config.cleanupAfter) keys.push(object.key);
    if (keys.length < BATCH) continue;
    await deleteThoseUnknown(keys, context);
    keys = [];
  }
  if (keys.length > 0) await deleteThoseUnknown(keys, context);
}

async function deleteThoseUnknown(keys: string[], { metrics, segments, store }: StageContext): Promise<void> {
  for (const key of await segments.unknownKeys(keys)) {
    await store.delete(key);
    metrics.objectsDeleted.inc({ reason: 'unknown' });
  }
}
