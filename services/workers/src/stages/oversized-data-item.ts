import { followed } from './followed.ts';
import { nextQueue } from './lane.ts';
import { post } from './post.ts';
import { prepare } from './prepare/index.ts';
import { seed } from './seed.ts';
import type { Stage } from './stage.ts';

/**
 * Carries the bundle of an oversized item from planned to seeded, by the steps that all bundles take. Each looks at the
 * bundle's state itself, so a job that was cut off goes on where it stopped.
 */
export const oversizedDataItem: Stage<'oversizedDataItem'> = (context) => {
  // The next step follows here: there is nobody to wake.
  const alone = { ...context, jobs: { add: async () => true } };
  const steps = {
    prepare: followed('prepare', prepare)(alone),
    post: followed('post', post)(alone),
    seed: followed('seed', seed)(alone),
  };
  return async (payload, signal) => {
    while (!signal.aborted) {
      const bundle = await context.bundles.find(payload.bundleId);
      const queue = bundle && Object.entries(nextQueue).find(([state]) => state === bundle.state)?.[1];
      if (!queue) return;
      await steps[queue](payload, signal);
    }
  };
};
