import type { JobProducer, NestedOffset, Unbundlings } from '@bundler/adapters';

/** Offsets that are kept, and later written, in one go. */
const BATCH = 500;

interface Options {
  readonly unbundlings: Pick<Unbundlings, 'keep'>;
  readonly jobs: Pick<JobProducer, 'add'>;
}

/** Gathers the offsets of one item into batches. The same offsets always make the same batches. */
export class OffsetBatches {
  readonly #itemId: Buffer;
  readonly #options: Options;
  #batch = 0;
  #offsets: NestedOffset[] = [];

  constructor(itemId: Buffer, options: Options) {
    this.#itemId = itemId;
    this.#options = options;
  }

  /** Takes the next offset; now and then that keeps a batch. */
  async add(offset: NestedOffset): Promise<void> {
    this.#offsets.push(offset);
    if (this.#offsets.length === BATCH) await this.#keep();
  }

  /** Keeps what is left. @returns how many offsets there were in all */
  async end(): Promise<number> {
    const count = this.#batch * BATCH + this.#offsets.length;
    if (this.#offsets.length > 0) await this.#keep();
    return count;
  }

  async #keep(): Promise<void> {
    const place = { itemId: this.#itemId, batch: this.#batch };
    await this.#options.unbundlings.keep(place, this.#offsets);
    await this.#options.jobs.add('putOffsets', { ...place, itemId: this.#itemId.toString('base64url') });
    this.#batch += 1;
    this.#offsets = [];
  }
}
