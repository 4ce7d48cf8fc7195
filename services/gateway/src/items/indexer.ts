import type { ChainState } from '../chain/state.ts';
import type { ChunkStore } from '../chunks/chunk-store.ts';
import { DataReader } from '../chunks/data-reader.ts';
import { plainTags, saysBundle } from '../tx/tags.ts';
import type { DataItem } from './data-item.ts';
import type { ItemIndex } from './item-index.ts';
import { unbundle } from './unbundle.ts';

/** Where an indexer reads and writes. */
export interface IndexerParts {
  readonly state: ChainState;
  readonly store: ChunkStore;
  readonly index: ItemIndex;
  /** Told what in a bundle could not be read. */
  readonly onProblem: (bundle: string, problem: string) => void;
}

/** Unbundles mined bundles in the background, one after the other. */
export class Indexer {
  private readonly parts: IndexerParts;
  private readonly queued = new Set<string>();
  private work: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(parts: IndexerParts) {
    this.parts = parts;
  }

  /** Queues a transaction if it is a mined bundle whose data is all there, and not indexed yet. */
  consider(id: string): void {
    const { state, store, index } = this.parts;
    const entry = state.txs.get(id);
    if (entry?.height === undefined || this.queued.has(id) || index.knows(id)) return;
    if (!saysBundle(plainTags(entry.header.tags))) return;
    const ref = { dataRoot: entry.header.data_root, size: entry.size };
    if (!store.has(ref)) return;
    this.queued.add(id);
    this.work = this.work.then(() => this.index(id, new DataReader(store, ref), entry.size));
  }

  /** Resolves when nothing is queued. */
  async settled(): Promise<void> {
    while (this.queued.size > 0) await this.work;
  }

  /** Stops after the item at hand. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.work;
  }

  private async index(bundle: string, reader: DataReader, size: number): Promise<void> {
    const { index, onProblem } = this.parts;
    const items: DataItem[] = [];
    try {
      for await (const found of unbundle(reader, bundle, size)) {
        if (this.stopped) return;
        if ('problem' in found) onProblem(bundle, `item ${found.id}: ${found.problem}`);
        else items.push(found);
      }
      index.add(bundle, items);
    } catch (error) {
      onProblem(bundle, error instanceof Error ? error.message : String(error));
    } finally {
      this.queued.delete(bundle);
    }
  }
}
