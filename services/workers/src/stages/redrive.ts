import { nextQueue, wake } from './lane.ts';
import type { Stage } from './stage.ts';

/** Bundles, and finalizations, put back to work in one go; the next tick takes more. */
const LIMIT = 500;

/** Finds bundles and finalizations whose job was lost, however it was, and adds it again. */
export const redrive: Stage<'redrive'> = (context) => async () => {
  const { bundles, config, jobs, logger, metrics, uploads } = context;
  const unfinished = await uploads.takeStill(config.redriveAfter, LIMIT);
  for (const uploadId of unfinished) await jobs.add('finalizeUpload', { uploadId });
  metrics.finalizationsRedriven.inc(unfinished.length);
  if (unfinished.length > 0) logger.warn({ uploads: unfinished.length }, 'finalizations stood still; put back to work');
  for (const state of Object.keys(nextQueue) as (keyof typeof nextQueue)[]) {
    const still = await bundles.takeStill(state, config.redriveAfter, LIMIT);
    for (const bundle of still) await wake(bundle, state, context);
    metrics.redriven.inc({ state }, still.length);
    if (still.length > 0) logger.warn({ state, bundles: still.length }, 'bundles stood still; put back to work');
  }
};
