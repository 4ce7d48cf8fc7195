import { guarded } from '../lib/guard.ts';
import { sendInParts } from '../lib/parts.ts';
import { nextItem } from '../lib/suite.ts';

/** Parts as the SDK makes them: 25 MB, five at a time. */
export const uploadInParts = guarded(async () => {
  await sendInParts(nextItem(), { chunkSize: 25_000_000, atOnce: 5 });
});
