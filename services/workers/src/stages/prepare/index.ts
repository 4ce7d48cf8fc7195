import { type Bundle, type BundleItem, ObjectDamaged } from '@bundler/adapters';
import { hashChunks } from '../../bundle/chunk-stream.ts';
import { ChunkTree, chunkRanges } from '../../bundle/chunk-tree.ts';
import { VirtualBundle } from '../../bundle/virtual-bundle.ts';
import { failLostItems } from '../fail-lost-items.ts';
import { wake } from '../lane.ts';
import type { Stage, StageContext } from '../stage.ts';
import { signTransaction } from './transaction.ts';

/** Reads a bundle's items once, computes its chunk tree, and signs its transaction. */
export const prepare: Stage<'prepare'> =
  (context) =>
  async ({ bundleId }) => {
    const bundle = await context.bundles.find(bundleId);
    if (bundle?.state === 'planned') await prepareBundle(bundle, context);
    // An earlier try may have been cut off right here.
    if (bundle?.state === 'planned' || bundle?.state === 'prepared') await wake(bundle, 'prepared', context);
  };

async function prepareBundle(bundle: Bundle, context: StageContext): Promise<void> {
  const { bundles, logger, metrics, network, wallet } = context;
  const items = await bundles.items(bundle.id);
  const virtual = new VirtualBundle(items, context.readTransient);
  if (virtual.byteCount !== bundle.byteCount) {
    throw new Error(`bundle ${bundle.id} was planned with ${bundle.byteCount} bytes but has ${virtual.byteCount}`);
  }
  const hashes = await hashOrFail(bundle, items, virtual, context);
  if (!hashes) return;
  const dataRoot = new ChunkTree(bundle.byteCount, hashes).root;
  const [reward, anchor, signedHeight] = await Promise.all([
    network.price(bundle.byteCount),
    network.anchor(),
    network.height(),
  ]);
  const { txId, tx } = await signTransaction(wallet, { dataRoot, byteCount: bundle.byteCount, anchor, reward });
  if (!(await bundles.markPrepared(bundle.id, { txId, tx, signedHeight, chunkHashes: hashes }))) return;
  metrics.bundleTransitions.inc({ state: 'prepared' });
  logger.info({ bundleId: bundle.id, txId: txId.toString('base64url'), bytes: bundle.byteCount }, 'prepared');
}

/** The hashes of all chunks; undefined when bytes are missing for ever, and the bundle was given up for it. */
async function hashOrFail(
  bundle: Bundle,
  items: readonly BundleItem[],
  virtual: VirtualBundle,
  context: StageContext,
): Promise<Buffer | undefined> {
  try {
    return await hashChunks(virtual.read(0, bundle.byteCount), chunkRanges(bundle.byteCount));
  } catch (error) {
    if (!(error instanceof ObjectDamaged)) throw error;
    await failLostItems(bundle, items, error, context);
    return undefined;
  }
}
