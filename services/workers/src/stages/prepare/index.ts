import { type Bundle, type BundleItem, ObjectDamaged } from '@bundler/adapters';
import { VirtualBundle } from '../../bundle/virtual-bundle.ts';
import { failLostItems } from '../fail-lost-items.ts';
import { wake } from '../lane.ts';
import { noteMove } from '../moved.ts';
import type { Stage, StageContext } from '../stage.ts';
import { hashBundle } from './hash-bundle.ts';
import { signBundle } from './sign-bundle.ts';

/** Reads a bundle's items once, computes its chunk tree, and signs its transaction. */
export const prepare: Stage<'prepare'> =
  (context) =>
  async ({ bundleId }, signal) => {
    const bundle = await context.bundles.find(bundleId);
    if (bundle?.state === 'planned' && !(await prepareBundle(bundle, context, signal))) return;
    // An earlier try may have been cut off right here.
    if (bundle?.state === 'planned' || bundle?.state === 'prepared') await wake(bundle, 'prepared', context);
  };

/** False when it was told to stop before, or when bytes are missing for ever and the bundle was given up for it. */
async function prepareBundle(bundle: Bundle, context: StageContext, signal: AbortSignal): Promise<boolean> {
  const { bundles, logger, metrics } = context;
  const items = await bundles.items(bundle.id);
  const virtual = new VirtualBundle(items, context.readTransient);
  if (virtual.byteCount !== bundle.byteCount) {
    throw new Error(`bundle ${bundle.id} was planned with ${bundle.byteCount} bytes but has ${virtual.byteCount}`);
  }
  const hashes = await hashOrFail(bundle, items, virtual, context, signal);
  if (!hashes) return false;
  const signed = await signBundle(bundle, hashes, context);
  if (await bundles.markPrepared(bundle.id, { ...signed, chunkHashes: hashes })) {
    metrics.pricePerByte.set(Number(signed.tx.reward) / bundle.byteCount);
    await noteMove(bundle, 'prepared', context);
    logger.info({ bundleId: bundle.id, txId: signed.txId.toString('base64url'), bytes: bundle.byteCount }, 'prepared');
  }
  return true;
}

async function hashOrFail(
  bundle: Bundle,
  items: readonly BundleItem[],
  virtual: VirtualBundle,
  context: StageContext,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    return await hashBundle(bundle, virtual, context.bundles, signal);
  } catch (error) {
    if (!(error instanceof ObjectDamaged)) throw error;
    await failLostItems(bundle, items, error, context);
    return undefined;
  }
}
