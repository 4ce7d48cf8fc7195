import type { Stage } from './stage.ts';
import { tellBridges } from './tell-bridges.ts';

/** Writes a batch of offsets where they are looked up: the table with the indexes, at this queue's pace. */
export const putOffsets: Stage<'putOffsets'> =
  (context) =>
  async ({ itemId, batch }) => {
    const { config, metrics, unbundlings } = context;
    const place = { itemId: Buffer.from(itemId, 'base64url'), batch };
    const written = await unbundlings.write(place, config.opticalBridgeUrls);
    metrics.offsetsWritten.inc(written?.offsets ?? 0);
    if (written?.last) await tellBridges(context);
  };
