import { ArweaveRefused, type Bundle } from '@bundler/adapters';
import { giveUpBundle } from '../give-up.ts';
import { wake } from '../lane.ts';
import { noteMove } from '../moved.ts';
import type { Stage, StageContext } from '../stage.ts';
import { judge } from './policy.ts';

/** Follows a bundle until it is permanent. */
export const verify: Stage<'verify'> =
  (context) =>
  async ({ bundleId }) => {
    const { bundles, config, network } = context;
    const bundle = await bundles.find(bundleId);
    if (bundle?.state !== 'seeded') return;
    const status = await network.transactionStatus(bundle.txId!.toString('base64url'));
    const verdict = judge(status, {
      height: status.state === 'unknown' ? await network.height() : 0,
      signedHeight: bundle.signedHeight!,
      confirmations: config.arweaveConfirmations,
      anchorBlocks: config.arweaveAnchorBlocks,
    });
    if (verdict.action === 'check data') await finish(bundle, verdict.blockHeight, context);
    else if (verdict.action === 'post again') await postAgain(bundle, context);
    else if (verdict.action === 'give up') await giveUpBundle(bundle, 'seeded', 'not_found', context);
  };

/** A confirmed transaction says nothing of its chunks: only bytes that can be read back are permanent. */
async function finish(bundle: Bundle, blockHeight: number, context: StageContext): Promise<void> {
  const { bundles, logger, metrics, network } = context;
  if (await network.hasData(bundle.txId!.toString('base64url'))) {
    if (!(await bundles.markPermanent(bundle.id, blockHeight))) return;
    await noteMove(bundle, 'permanent', context);
    logger.info({ bundleId: bundle.id, items: bundle.itemCount, blockHeight }, 'permanent');
  } else if (await bundles.markUnseeded(bundle.id)) {
    metrics.bundleSetbacks.inc({ reason: 'failed_to_seed' });
    logger.warn({ bundleId: bundle.id }, 'confirmed without its data; posting the chunks again');
    await wake(bundle, 'posted', context);
  }
}

async function postAgain(bundle: Bundle, { logger, metrics, network }: StageContext): Promise<void> {
  metrics.bundleSetbacks.inc({ reason: 'transaction_forgotten' });
  try {
    await network.postTransaction(bundle.tx!);
    logger.warn({ bundleId: bundle.id }, 'the network forgot the transaction; posted it again');
  } catch (error) {
    if (!(error instanceof ArweaveRefused)) throw error;
    logger.warn({ err: error, bundleId: bundle.id }, 'forgotten and refused; waiting for its anchor to expire');
  }
}
