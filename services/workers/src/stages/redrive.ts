import type { BundleState } from '@bundler/adapters';
import type { QueueName } from '@bundler/contract';
import type { Stage } from './stage.ts';

/** The queue that moves a bundle on from each state. `verify` has a schedule of its own. */
const NEXT = { planned: 'prepare', prepared: 'post', posted: 'seed' } as const satisfies Partial<
  Record<BundleState, QueueName>
>;

/** Bundles, and finalizations, put back to work in one go; the next tick takes more. */
const LIMIT = 500;

/** Finds bundles and finalizations whose job was lost, however it was, and adds it again. */
export const redrive: Stage<'redrive'> =
  ({ bundles, config, jobs, logger, metrics, uploads }) =>
  async () => {
    const unfinished = await uploads.takeStill(config.redriveAfter, LIMIT);
    for (const uploadId of unfinished) await jobs.add('finalizeUpload', { uploadId });
    metrics.finalizationsRedriven.inc(unfinished.length);
    if (unfinished.length > 0)
      logger.warn({ uploads: unfinished.length }, 'finalizations stood still; put back to work');
    for (const [state, queue] of Object.entries(NEXT)) {
      const still = await bundles.takeStill(state as keyof typeof NEXT, config.redriveAfter, LIMIT);
      for (const bundleId of still) await jobs.add(queue, { bundleId });
      metrics.redriven.inc({ state }, still.length);
      if (still.length > 0) logger.warn({ state, bundles: still.length }, 'bundles stood still; put back to work');
    }
  };
