import { captureSegment } from './capture-segment.ts';
import type { Stage } from './stage.ts';
import { tellBridges } from './tell-bridges.ts';

/** Brings the bytes of newly accepted items near the workers that will read them, and sets those to work. */
export const newDataItem: Stage<'newDataItem'> =
  (context) =>
  async ({ segmentId, bundles, paid }) => {
    const { cache, jobs, segments, store, unbundlings } = context;
    const segment = cache && (await segments.find(segmentId));
    if (segment) await cache.fill(segment.objectKey, segment.byteCount, store);
    await tellBridges(context);
    if (bundles) {
      for (const id of await unbundlings.waitingIn(segmentId)) {
        await jobs.add('unbundleBdi', { itemId: id.toString('base64url') });
      }
    }
    // The last, because it alone may fail while everything else works.
    if (paid) await captureSegment(segmentId, context);
  };
