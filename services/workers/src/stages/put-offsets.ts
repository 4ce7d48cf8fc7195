import type { Stage } from './stage.ts';

/** Writes a batch of offsets where they are looked up: the table with the indexes, at this queue's pace. */
export const putOffsets: Stage<'putOffsets'> =
  ({ metrics, unbundlings }) =>
  async ({ itemId, batch }) => {
    const written = await unbundlings.write({ itemId: Buffer.from(itemId, 'base64url'), batch });
    metrics.offsetsWritten.inc(written?.offsets ?? 0);
  };
