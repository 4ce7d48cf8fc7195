import type { Bundle, BundleState } from '@bundler/adapters';
import type { StageContext } from './stage.ts';

/** The states in which a bundle is to be worked on, and the queue that does so. `verify` has a schedule of its own. */
export const nextQueue = { planned: 'prepare', prepared: 'post', posted: 'seed' } as const satisfies Partial<
  Record<BundleState, string>
>;

/**
 * Wakes whoever moves a bundle on from a state. One of an oversized item keeps to its own lane, so that the many small ones
 * never wait behind it.
 */
export async function wake(
  { id: bundleId, oversized }: Pick<Bundle, 'id' | 'oversized'>,
  state: keyof typeof nextQueue,
  { jobs }: Pick<StageContext, 'jobs'>,
): Promise<void> {
  await jobs.add(oversized ? 'oversizedDataItem' : nextQueue[state], { bundleId });
}
