import type { Stage } from './stage.ts';

/** Brings the bytes of newly accepted items near the workers that will bundle them. */
export const newDataItem: Stage<'newDataItem'> =
  ({ cache, segments, store }) =>
  async ({ segmentId }) => {
    if (!cache) return;
    const segment = await segments.find(segmentId);
    if (segment) await cache.fill(segment.objectKey, segment.byteCount, store);
  };
