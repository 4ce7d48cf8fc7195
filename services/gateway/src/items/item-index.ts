import type { ChainState } from '../chain/state.ts';
import type { DataItem } from './data-item.ts';

/**
 * Data items by id and by bundle. Only those of mined bundles are answered, so a reorganisation needs no change here.
 */
export class ItemIndex {
  private readonly state: ChainState;
  private readonly byId = new Map<string, DataItem[]>();
  private readonly byBundle = new Map<string, readonly DataItem[]>();

  constructor(state: ChainState) {
    this.state = state;
  }

  /** Notes the items of a bundle. */
  add(bundle: string, items: readonly DataItem[]): void {
    if (this.byBundle.has(bundle)) return;
    this.byBundle.set(bundle, items);
    for (const item of items) {
      const same = this.byId.get(item.id);
      if (same) same.push(item);
      else this.byId.set(item.id, [item]);
    }
  }

  /** True if the bundle was indexed. */
  knows(bundle: string): boolean {
    return this.byBundle.has(bundle);
  }

  /** Every place an item was mined in, earliest block first: more than one means it was bundled twice. */
  placesOf(id: string): DataItem[] {
    const mined = (this.byId.get(id) ?? []).filter(({ bundle }) => this.heightOf(bundle) >= 0);
    return mined.sort((a, b) => this.heightOf(a.bundle) - this.heightOf(b.bundle));
  }

  /** The items of one mined bundle. */
  itemsOf(bundle: string): readonly DataItem[] {
    return this.heightOf(bundle) >= 0 ? (this.byBundle.get(bundle) ?? []) : [];
  }

  /** All items of mined bundles, each once. */
  *all(): Generator<DataItem> {
    for (const id of this.byId.keys()) {
      const [first] = this.placesOf(id);
      if (first) yield first;
    }
  }

  private heightOf(bundle: string): number {
    return this.state.txs.get(bundle)?.height ?? -1;
  }
}
