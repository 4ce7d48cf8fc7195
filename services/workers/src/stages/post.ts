import { ArweaveRefused, type Bundle } from '@bundler/adapters';
import { giveUpBundle } from './give-up.ts';
import { wake } from './lane.ts';
import { noteMove } from './moved.ts';
import type { Stage, StageContext } from './stage.ts';

/** Posts a bundle's transaction. The data follows as chunks. */
export const post: Stage<'post'> =
  (context) =>
  async ({ bundleId }) => {
    const bundle = await context.bundles.find(bundleId);
    if (bundle?.state === 'prepared' && !(await postBundle(bundle, context))) return;
    if (bundle?.state === 'prepared' || bundle?.state === 'posted') await wake(bundle, 'posted', context);
  };

async function postBundle(bundle: Bundle, context: StageContext): Promise<boolean> {
  const { bundles, logger, network } = context;
  try {
    await network.postTransaction(bundle.tx!);
  } catch (error) {
    if (!(error instanceof ArweaveRefused)) throw error;
    const txId = bundle.txId!.toString('base64url');
    // A refusal after an answer that got lost: the network has the transaction already.
    if ((await network.transactionStatus(txId)).state === 'unknown') {
      await refuse(bundle, error, context);
      return false;
    }
  }
  if (await bundles.markPosted(bundle.id)) {
    await noteMove(bundle, 'posted', context);
    logger.info({ bundleId: bundle.id }, 'posted');
  }
  return true;
}

async function refuse(bundle: Bundle, refusal: ArweaveRefused, context: StageContext): Promise<void> {
  const { logger, network, wallet } = context;
  const reward = BigInt(bundle.tx!.reward as string);
  const balance = await network.balance(wallet.address);
  // Another transaction would cost as much: what helps is money, and then this one is good still.
  if (balance < reward) {
    throw new Error(`wallet ${wallet.address} owns ${balance} winston, but the bundle costs ${reward}: top it up`, {
      cause: refusal,
    });
  }
  logger.error({ err: refusal, bundleId: bundle.id }, 'transaction refused');
  await giveUpBundle(bundle, 'prepared', 'failed_to_post', context);
}
