import type { OpticalBridge } from '@bundler/adapters';
import { unsaltedPssSigner } from '@bundler/ans104';
import type { Stage, StageContext } from '../stage.ts';
import { HeaderSigner } from './header-signer.ts';
import { type Batch, nextBatch } from './next-batch.ts';

/**
 * Posts to one bridge what it has not got yet, until nothing is left. There is one such job a bridge: posts keep their
 * order, and a bridge that is slow or dead holds up nobody but itself. What fails stays in its rows for the next try.
 */
export const opticalPost: Stage<'opticalPost'> = (context) => {
  const signer = new HeaderSigner(unsaltedPssSigner(context.wallet.privateKey));
  return async ({ bridge: url }, signal) => {
    const bridge = context.bridges.at(url);
    if (!bridge) return;
    while (!signal.aborted) {
      const batch = await nextBatch(url, context.config.opticalBatchSize, { ...context, signer });
      if (!batch) return;
      await deliver(batch, bridge, context);
    }
  };
};

async function deliver({ headers, lost, settled }: Batch, bridge: OpticalBridge, context: StageContext): Promise<void> {
  const { deliveries, logger, metrics } = context;
  if (headers.length > 0) {
    const outcome = await post(headers, bridge, context);
    metrics.opticalItems.inc({ bridge: bridge.name, outcome }, headers.length);
    if (outcome === 'refused') logger.warn({ bridge: bridge.name, items: headers.length }, 'bridge refused headers');
  }
  await deliveries.settle(settled);
  if (lost === 0) return;
  metrics.opticalLost.inc({ bridge: bridge.name, why: 'bytes_gone' }, lost);
  logger.warn({ bridge: bridge.name, deliveries: lost }, 'headers whose bytes are gone are not posted');
}

async function post(
  headers: Batch['headers'],
  bridge: OpticalBridge,
  { metrics }: StageContext,
): Promise<'taken' | 'refused'> {
  try {
    const outcome = await bridge.post(headers);
    metrics.opticalPosts.inc({ bridge: bridge.name, outcome });
    return outcome;
  } catch (error) {
    metrics.opticalPosts.inc({ bridge: bridge.name, outcome: 'failed' });
    throw error;
  }
}
