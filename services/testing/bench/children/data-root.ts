import { type BundleItem, FsObjectStore, type ReadRange } from '@bundler/adapters';
import { asChild } from '../child.ts';

export interface DataRootInput {
  readonly storeDirectory: string;
  /** The items in their order; ids base64url. */
  readonly items: readonly (Omit<BundleItem, 'id'> & { readonly id: string })[];
}

export interface DataRootResult {
  readonly seconds: number;
  readonly byteCount: number;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What is used of the workers' bundle code, which their package does not offer to others. */
interface BundleCode {
  readonly VirtualBundle: new (
    items: readonly BundleItem[],
    read: ReadRange,
  ) => { readonly byteCount: number; read(start: number, end: number): AsyncIterable<Buffer> };
  readonly hashChunks: (pieces: AsyncIterable<Buffer>, ranges: readonly Range[]) => Promise<Buffer>;
  readonly chunkRanges: (byteCount: number) => Range[];
  readonly ChunkTree: new (byteCount: number, hashes: Buffer) => { readonly root: Buffer };
}

/** Computes the data root of a bundle over files, as `prepare` does. */
asChild(async ({ storeDirectory, items }: DataRootInput, parent): Promise<DataRootResult> => {
  const { VirtualBundle, hashChunks, chunkRanges, ChunkTree } = await bundleCode();
  const store = new FsObjectStore(storeDirectory);
  const located = items.map((item) => ({ ...item, id: Buffer.from(item.id, 'base64url') }));
  await parent.ready();
  const start = performance.now();
  const bundle = new VirtualBundle(located, (key, from, to) => store.readTransient(key, from, to));
  const { byteCount } = bundle;
  const tree = new ChunkTree(byteCount, await hashChunks(bundle.read(0, byteCount), chunkRanges(byteCount)));
  if (tree.root.length !== 32) throw new Error('the data root is not 32 bytes');
  return { seconds: (performance.now() - start) / 1000, byteCount };
});

async function bundleCode(): Promise<BundleCode> {
  const files = ['virtual-bundle', 'chunk-stream', 'chunk-tree'];
  const folder = new URL('../../../workers/src/bundle/', import.meta.url);
  const modules = await Promise.all(files.map((file) => import(new URL(`${file}.ts`, folder).href)));
  return Object.assign({}, ...modules) as BundleCode;
}
