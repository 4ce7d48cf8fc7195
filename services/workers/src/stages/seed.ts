import { ArweaveRefused, type Bundle, ObjectDamaged } from '@bundler/adapters';
import { cutIntoChunks } from '../bundle/chunk-stream.ts';
import { ChunkTree } from '../bundle/chunk-tree.ts';
import { VirtualBundle } from '../bundle/virtual-bundle.ts';
import { failLostItems } from './fail-lost-items.ts';
import { wake } from './lane.ts';
import { noteMove } from './moved.ts';
import type { Stage, StageContext } from './stage.ts';

/** Posts of chunks that have spans of their own: a bundle may have thousands, and the first tell how it goes. */
const MAX_CHUNK_SPANS = 64;
/** Chunks after which the place is remembered: what a killed worker repeats at most. */
const STRIDE = 64;

/** Posts a bundle's chunks with their proofs, from where an earlier try stopped. */
export const seed: Stage<'seed'> =
  (context) =>
  async ({ bundleId }, signal) => {
    const bundle = await context.bundles.find(bundleId);
    if (bundle?.state !== 'posted') return;
    try {
      if (!(await seedBundle(bundle, context, signal))) return;
    } catch (error) {
      if (error instanceof ArweaveRefused && (await postAgain(bundle, context))) return;
      if (!(error instanceof ObjectDamaged)) throw error;
      if (!(await isOnChain(bundle, context))) {
        await failLostItems(bundle, await context.bundles.items(bundleId), error, context);
        return;
      }
    }
    if (await context.bundles.markSeeded(bundleId)) {
      await noteMove(bundle, 'seeded', context);
      context.logger.info({ bundleId }, 'seeded');
    }
  };

/** True when every chunk is posted, false when told to stop before. */
async function seedBundle(bundle: Bundle, context: StageContext, signal: AbortSignal): Promise<boolean> {
  const { bundles, config, readTransient, tracing } = context;
  const [items, hashes] = await Promise.all([bundles.items(bundle.id), bundles.chunkHashes(bundle.id)]);
  if (!hashes) throw new Error(`bundle ${bundle.id} has no chunk hashes`);
  const tree = new ChunkTree(bundle.byteCount, hashes);
  const virtual = new VirtualBundle(items, readTransient);
  for (let first = bundle.seededChunks; first < tree.ranges.length; first += STRIDE) {
    if (signal.aborted) return false;
    const ranges = tree.ranges.slice(first, first + STRIDE);
    const pieces = virtual.read(ranges[0]!.start, ranges.at(-1)!.end);
    let index = first;
    const posting = new Set<Promise<void>>();
    for await (const bytes of cutIntoChunks(pieces, ranges)) {
      const place = index;
      const post = (): Promise<void> => postChunk(bundle, tree, place, bytes, context);
      const shown = !tracing || place - bundle.seededChunks < MAX_CHUNK_SPANS;
      const sending: Promise<void> = (shown ? post() : tracing.outside(post)).finally(() => posting.delete(sending));
      posting.add(sending);
      // When reading fails meanwhile, nobody waits for this one any more.
      sending.catch(() => undefined);
      index += 1;
      if (posting.size >= config.seedChunkConcurrency) await Promise.race(posting);
    }
    await Promise.all(posting);
    await bundles.saveSeedProgress(bundle.id, index);
  }
  return true;
}

async function postChunk(
  bundle: Bundle,
  tree: ChunkTree,
  index: number,
  bytes: Buffer,
  { metrics, network }: StageContext,
): Promise<void> {
  try {
    await network.postChunk({
      dataRoot: tree.root.toString('base64url'),
      dataSize: bundle.byteCount,
      dataPath: tree.path(index),
      offset: tree.ranges[index]!.end - 1,
      bytes,
    });
    metrics.chunkPosts.inc({ result: 'accepted' });
  } catch (error) {
    metrics.chunkPosts.inc({ result: error instanceof ArweaveRefused ? 'refused' : 'failed' });
    throw error;
  }
}

/** Whether an earlier try had posted everything: then it does not matter that bytes are gone. */
function isOnChain(bundle: Bundle, { network }: StageContext): Promise<boolean> {
  return network.hasData(bundle.txId!.toString('base64url'));
}

/** Chunks of a transaction that the network forgot are refused: the transaction goes first then. */
async function postAgain(bundle: Bundle, context: StageContext): Promise<boolean> {
  const { bundles, logger, metrics, network } = context;
  const status = await network.transactionStatus(bundle.txId!.toString('base64url'));
  if (status.state !== 'unknown' || !(await bundles.markUnposted(bundle.id))) return false;
  metrics.bundleSetbacks.inc({ reason: 'transaction_forgotten' });
  logger.warn({ bundleId: bundle.id }, 'the network forgot the transaction; posting it again');
  await wake(bundle, 'prepared', context);
  return true;
}
