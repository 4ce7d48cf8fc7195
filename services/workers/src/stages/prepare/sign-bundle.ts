import type { Bundle, SignedTransaction } from '@bundler/adapters';
import { ChunkTree } from '../../bundle/chunk-tree.ts';
import type { StageContext } from '../stage.ts';
import { signTransaction } from './transaction.ts';

/** Signs the transaction of a bundle for what it costs now, anchored to a recent block. @param hashes of all its chunks */
export async function signBundle(
  { byteCount }: Pick<Bundle, 'byteCount'>,
  hashes: Buffer,
  { network, wallet }: Pick<StageContext, 'network' | 'wallet'>,
): Promise<SignedTransaction> {
  const dataRoot = new ChunkTree(byteCount, hashes).root;
  const [reward, anchor, signedHeight] = await Promise.all([
    network.price(byteCount),
    network.anchor(),
    network.height(),
  ]);
  return { ...(await signTransaction(wallet, { dataRoot, byteCount, anchor, reward })), signedHeight };
}
