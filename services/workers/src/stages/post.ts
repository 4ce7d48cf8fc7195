import { ArweaveRefused, type Bundle } from '@bundler/adapters';
import { giveUpBundle } from './give-up.ts';
import { wake } from './lane.ts';
import { noteMove } from './moved.ts';
import { signBundle } from './prepare/sign-bundle.ts';
import type { Stage, StageContext } from './stage.ts';

/** A bundle that has waited for so long to be posted may have an old anchor, milliseconds. */
const LONG_WAIT_MS = 10 * 60_000;
/** Gateways suggest an anchor of up to 25 blocks ago, and the network forgets it after 50: this leaves it 5. */
const OLD_BLOCKS = 20;

/**
 * Posts a bundle's transaction; the data follows as chunks. One that is refused, or has an old anchor, is signed anew once: the price may
 * have risen, or the network have been away for longer than anchors last.
 */
export const post: Stage<'post'> =
  (context) =>
  async ({ bundleId }) => {
    const bundle = await context.bundles.find(bundleId);
    if (bundle?.state === 'prepared' && !(await postBundle(bundle, context))) return;
    if (bundle?.state === 'prepared' || bundle?.state === 'posted') await wake(bundle, 'posted', context);
  };

async function postBundle(found: Bundle, context: StageContext): Promise<boolean> {
  const { bundles, logger } = context;
  const isOld = (await isAnchorOld(found, context)) && (await isUnknown(found, context));
  let bundle = isOld ? await signAnew(found, 'its anchor is old', context) : found;
  let refusal = bundle && (await tryToPost(bundle, context));
  if (bundle && refusal && !isOld) {
    await requireFunds(bundle, refusal, context);
    bundle = await signAnew(bundle, refusal.message, context);
    refusal = bundle && (await tryToPost(bundle, context));
  }
  // Another worker was quicker, and goes on with it.
  if (!bundle) return false;
  if (refusal) {
    await requireFunds(bundle, refusal, context);
    logger.error({ err: refusal, bundleId: bundle.id }, 'transaction refused');
    await giveUpBundle(bundle, 'prepared', 'failed_to_post', context);
    return false;
  }
  if (await bundles.markPosted(bundle.id)) {
    await noteMove(bundle, 'posted', context);
    logger.info({ bundleId: bundle.id }, 'posted');
  }
  return true;
}

/** @returns the refusal, if the network does not want the transaction and does not have it */
async function tryToPost(bundle: Bundle, context: StageContext): Promise<ArweaveRefused | undefined> {
  try {
    await context.network.postTransaction(bundle.tx!);
    return undefined;
  } catch (error) {
    if (!(error instanceof ArweaveRefused)) throw error;
    // A refusal after an answer that got lost: the network has the transaction already.
    return (await isUnknown(bundle, context)) ? error : undefined;
  }
}

/** Whether a bundle has waited for so long that the network might take its transaction, and never mine it. */
async function isAnchorOld({ enteredAt, signedHeight }: Bundle, { network, now }: StageContext): Promise<boolean> {
  // Hardly any bundle has waited at all, and none of these needs to ask.
  if (now() - enteredAt < LONG_WAIT_MS) return false;
  return (await network.height()) - signedHeight! >= OLD_BLOCKS;
}

async function isUnknown({ txId }: Bundle, { network }: StageContext): Promise<boolean> {
  return (await network.transactionStatus(txId!.toString('base64url'))).state === 'unknown';
}

/** The same data with another anchor, for what it costs now: nothing has to be read again. */
async function signAnew(bundle: Bundle, why: string, context: StageContext): Promise<Bundle | undefined> {
  const { bundles, logger, metrics } = context;
  const hashes = await bundles.chunkHashes(bundle.id);
  if (!hashes) throw new Error(`bundle ${bundle.id} has no chunk hashes`);
  const signed = await signBundle(bundle, hashes, context);
  if (!(await bundles.replaceTransaction(bundle.id, bundle.txId!, signed))) return undefined;
  metrics.bundleSetbacks.inc({ reason: 'signed_anew' });
  logger.warn({ bundleId: bundle.id, txId: signed.txId.toString('base64url'), why }, 'transaction signed anew');
  return { ...bundle, ...signed };
}

/** Another transaction would cost as much: what helps is money, and then this one is good still. */
async function requireFunds(bundle: Bundle, refusal: ArweaveRefused, context: StageContext): Promise<void> {
  const { network, wallet } = context;
  const reward = BigInt(bundle.tx!.reward as string);
  const balance = await network.balance(wallet.address);
  if (balance >= reward) return;
  throw new Error(`wallet ${wallet.address} owns ${balance} winston, but the bundle costs ${reward}: top it up`, {
    cause: refusal,
  });
}
