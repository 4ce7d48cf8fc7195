import type { TxHeader } from '../tx/tx-header.ts';
import { applyEvent } from './apply-event.ts';
import type { ChainEvent } from './events.ts';
import { type Journal, openJournal } from './journal.ts';
import { planBlock } from './plan-block.ts';
import { type ChainState, emptyState } from './state.ts';

/** What a chain needs from outside. */
export interface ChainOptions {
  readonly journalPath: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Told of the transactions of each new block. */
  readonly onMined: (ids: readonly string[]) => void;
}

/** What to do with the transactions of orphaned blocks: into the pool again, or unknown from then on. */
export type OrphanedTxs = 'pending' | 'forget';

/** The chain with its journal: every change is decided, written, then applied. */
export class Chain {
  readonly state: ChainState = emptyState();
  private readonly journal: Journal;
  private readonly clock: () => number;
  private readonly onMined: (ids: readonly string[]) => void;
  private nonce = 0;

  /** Opens the journal, replays it and, on a new chain, mines the first block. */
  constructor({ journalPath, clock, onMined }: ChainOptions) {
    const { journal, events } = openJournal(journalPath);
    this.journal = journal;
    this.clock = clock;
    this.onMined = onMined;
    for (const event of events) applyEvent(this.state, event);
    if (this.state.blocks.length === 0) this.mine();
  }

  /** Gives winston to an address. */
  mint(address: string, winston: bigint): void {
    this.commit({ type: 'mint', address, winston: String(winston) });
  }

  /** Takes a transaction, judged already, into the pool. A stuck one is never mined. */
  accept(tx: TxHeader, stuck: boolean): void {
    this.commit({ type: 'tx', tx, stuck });
  }

  /** Moves the price to `percent` of the configured one. */
  movePrice(percent: number): void {
    this.commit({ type: 'price', percent });
  }

  /** Makes the network forget transactions. One that is mined stays in the list of its block only. */
  forget(ids: readonly string[]): void {
    const known = ids.filter((id) => this.state.txs.has(id));
    if (known.length > 0) this.commit({ type: 'forget', ids: known });
  }

  /** Mines one block. */
  mine(empty = false): void {
    const block = planBlock(this.state, { now: this.clock(), nonce: this.nonce++, empty });
    this.commit(block);
    this.onMined(block.txs);
  }

  /**
   * Replaces the newest `depth` blocks by as many empty ones of a rival fork. Transactions anchored to a replaced
   * block are lost, as on the network. Answers the ids that are no longer mined.
   *
   * @throws RangeError if the first block would go.
   */
  reorg(depth: number, orphanedTxs: OrphanedTxs): string[] {
    const deepest = this.state.blocks.length - 1;
    if (!Number.isInteger(depth) || depth < 1 || depth > deepest) {
      throw new RangeError(`Cannot replace ${depth} blocks: expected 1 to ${deepest}`);
    }
    const orphaned = this.state.blocks.slice(-depth).flatMap(({ txs }) => txs);
    this.commit({ type: 'orphan', depth });
    if (orphanedTxs === 'forget') this.forget(orphaned);
    for (let mined = 0; mined < depth; mined += 1) this.mine(true);
    return orphaned;
  }

  /** Closes the journal. */
  close(): void {
    this.journal.close();
  }

  private commit(event: ChainEvent): void {
    this.journal.append(event);
    applyEvent(this.state, event);
  }
}
