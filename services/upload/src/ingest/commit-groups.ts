import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type {
  AcceptedItem,
  Charge,
  DataItems,
  JobProducer,
  KnownItem,
  ObjectStore,
  Payment,
  Segment,
  Settlements,
} from '@bundler/adapters';
import { ApiError } from '@bundler/contract';
import { inSharedSpan, inSpan, type Logger, type Metrics, type TraceParent, type Tracing } from '@bundler/runtime';

/** An item that may be accepted: checked, priced, not yet durable. */
export type NewItem = Omit<AcceptedItem, 'segmentOffset'> & {
  /** What was reserved for it; absent when it is free. */
  readonly charge?: Charge;
};

type LocatedItem = NewItem & Pick<AcceptedItem, 'segmentOffset'>;

/** What became of an item: new, known before with the facts of its first receipt, or refused by the database. */
export type Outcome =
  | { readonly state: 'accepted' }
  | { readonly state: 'duplicate'; readonly known: KnownItem }
  | { readonly state: 'refused'; readonly error: ApiError };

interface Waiting {
  readonly item: NewItem;
  /** The item's bytes, one piece after another. */
  readonly pieces: readonly Buffer[];
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  /** The upload's span, where it is sampled. */
  readonly trace: TraceParent | undefined;
}

interface Options {
  readonly store: ObjectStore;
  readonly items: DataItems;
  readonly jobs: Pick<JobProducer, 'add'>;
  readonly payment: Pick<Payment, 'reserve'>;
  readonly settlements: Pick<Settlements, 'refundState'>;
  readonly maxItems: number;
  readonly maxBytes: number;
  /** URLs of the optical bridges that are to be told of accepted items. */
  readonly bridges: readonly string[];
  /** Groups that are made durable at the same time. */
  readonly concurrency: number;
  /** Least time between the starts of two groups while more uploads are on their way, milliseconds. */
  readonly intervalMs: () => number;
  /** How long a receipt that is asked for now takes to be signed, milliseconds. */
  readonly signingWaitMs: () => number;
  /** Uploads that are on their way through this process, those already waiting here included. */
  readonly inProgress: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing?: Tracing | undefined;
}

/** How long an outcome that PostgreSQL cannot tell is asked for again before the client gets a 503, milliseconds. */
const GIVE_UP_MS = 30_000;
const RETRY_MS = 100;

/** The key of a segment's object. The first two digits spread the objects over folders. */
export function segmentKey(segmentId: string): string {
  return `segments/${segmentId.slice(0, 2)}/${segmentId}`;
}

/**
 * Makes items durable in groups: one object and one INSERT for all that arrive within a few milliseconds, so that
 * neither the disk's syncs nor the database's connections limit the rate of uploads. Bytes first, then the rows:
 * a row never points at bytes that could be lost.
 */
export class CommitGroups {
  readonly #options: Options;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #lastStart = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #looksAtEndOfTurn = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Makes a small item durable; resolves when it is. */
  add(item: NewItem, pieces: readonly Buffer[]): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, pieces, resolve, reject, trace: this.#options.tracing?.traceParent() });
      // Items that were reserved together come one by one in the same turn: the first must not leave without the others.
      if (this.#looksAtEndOfTurn) return;
      this.#looksAtEndOfTurn = true;
      setImmediate(() => {
        this.#looksAtEndOfTurn = false;
        this.#schedule();
      });
    });
  }

  /** Records an item whose bytes are durable in a segment of its own. */
  async addStored(item: NewItem, segment: Segment): Promise<Outcome> {
    const [outcome] = await this.#record(segment, [{ ...item, segmentOffset: 0 }]);
    return outcome!;
  }

  /**
   * Starts a group when one may run and either nobody else is coming who could join it, or the last start is long
   * enough ago. A lone upload never waits; under load the groups grow with the rate.
   */
  #schedule(): void {
    if (this.#waiting.length === 0 || this.#running >= this.#options.concurrency) return;
    const dueIn = this.#lastStart + this.#intervalMs() - performance.now();
    const full = this.#waiting.length >= this.#options.maxItems;
    if (full || dueIn <= 0 || this.#options.inProgress() <= this.#waiting.length) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      void this.#run(this.#take());
      this.#schedule();
    } else {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#schedule();
      }, dueIn);
    }
  }

  /**
   * Until the receipts that are asked for now are signed, a group had better grow: each costs 2.5 ms of CPU over all processes,
   * whatever is in it. That it is durable a little after the first of them gains more than it costs: with 50 connections at 1 KiB,
   * groups of 20 instead of 15 are 12 % more uploads a second, and each is answered sooner.
   */
  #intervalMs(): number {
    return Math.max(this.#options.intervalMs(), this.#options.signingWaitMs());
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      if (count > 0 && (count >= this.#options.maxItems || bytes + item.byteCount > this.#options.maxBytes)) break;
      bytes += item.byteCount;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #run(group: readonly Waiting[]): Promise<void> {
    this.#running += 1;
    this.#lastStart = performance.now();
    const done = this.#options.metrics.groupDuration.startTimer();
    try {
      const traces = group.map(({ trace }) => trace);
      const attributes = { 'upload.group_items': group.length };
      const outcomes = await inSharedSpan(this.#options.tracing, 'commit group', traces, attributes, () =>
        this.#commit(group),
      );
      for (const [index, waiting] of group.entries()) waiting.resolve(outcomes[index]!);
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    } finally {
      done();
      this.#options.metrics.groupItems.observe(group.length);
      this.#running -= 1;
      this.#schedule();
    }
  }

  async #commit(group: readonly Waiting[]): Promise<Outcome[]> {
    let byteCount = 0;
    const items = group.map(({ item }) => {
      const located = { ...item, segmentOffset: byteCount };
      byteCount += item.byteCount;
      return located;
    });
    const id = randomUUID();
    const segment = { id, objectKey: segmentKey(id), byteCount };
    try {
      await inSpan(this.#options.tracing, 'store segment', { attributes: { 'upload.group_bytes': byteCount } }, () =>
        this.#options.store.put(
          segment.objectKey,
          group.flatMap(({ pieces }) => pieces),
        ),
      );
    } catch (cause) {
      throw new ApiError('unavailable', { cause, retryAfter: 1 });
    }
    return this.#record(segment, items);
  }

  async #record(segment: Segment, items: readonly LocatedItem[]): Promise<Outcome[]> {
    const outcomes = await this.#insert(segment, items);
    // Nobody waits for this: what is to be done stands in rows, and the planner looks by itself.
    const bundles = items.some((item) => item.carriesBundle);
    const paid = items.some((item) => item.winc !== '0');
    void this.#options.jobs.add('newDataItem', {
      segmentId: segment.id,
      ...(bundles && { bundles }),
      ...(paid && { paid }),
    });
    return outcomes;
  }

  /**
   * Inserts, and finds out what happened when the connection breaks in between: whether a COMMIT took effect can
   * only be read from the rows. The same insert again is harmless.
   */
  async #insert(segment: Segment, items: readonly LocatedItem[]): Promise<Outcome[]> {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    for (;;) {
      try {
        const inserted = await this.#options.items.insertGroup(segment, items, this.#options.bridges);
        return await this.#judge(segment, items, inserted);
      } catch (error) {
        if (isDataError(error)) return this.#insertSingly(segment, items, error);
        if (performance.now() >= giveUpAt) throw new ApiError('unavailable', { cause: error, retryAfter: 5 });
        this.#options.logger.warn({ err: error, items: items.length }, 'insert failed; asking again');
        await wait(RETRY_MS);
      }
    }
  }

  /** One row that PostgreSQL will not take must not cost its neighbours their receipts. */
  async #insertSingly(segment: Segment, items: readonly LocatedItem[], error: unknown): Promise<Outcome[]> {
    if (items.length === 1) return [{ state: 'refused', error: new ApiError('internal', { cause: error }) }];
    const outcomes = await Promise.all(items.map((item) => this.#insert(segment, [item])));
    return outcomes.flat();
  }

  async #judge(segment: Segment, items: readonly LocatedItem[], inserted: Set<string>): Promise<Outcome[]> {
    const others = items.filter((item) => !inserted.has(item.id.toString('base64url')));
    const known =
      others.length > 0
        ? await this.#options.items.findKnown(others.map((item) => item.id))
        : new Map<string, KnownItem>();
    return Promise.all(
      items.map(async (item): Promise<Outcome> => {
        const row = known.get(item.id.toString('base64url'));
        if (inserted.has(item.id.toString('base64url'))) return { state: 'accepted' };
        if (!row) throw new Error('an item was neither inserted nor there before');
        // Our own segment: an earlier try of this insert took effect after all.
        if (row.segmentId === segment.id) return { state: 'accepted' };
        const outcome = row.failed ? await this.#revive(segment, item) : undefined;
        return outcome ?? { state: 'duplicate', known: row };
      }),
    );
  }

  /** Another life for an item that had failed; undefined when it has one already. */
  async #revive(segment: Segment, item: LocatedItem): Promise<Outcome | undefined> {
    const { bridges, items, payment, settlements } = this.#options;
    const refund = item.charge ? await settlements.refundState(item.id) : 'none';
    // What was reserved before may have been what is refunded for the first life, and gone back since.
    if (item.charge && refund === 'none' && !(await payment.reserve(item.charge)))
      return { state: 'refused', error: new ApiError('insufficient_balance') };
    const outcome = await items.revive(segment, item, bridges, refund);
    if (outcome === 'refunding') return { state: 'refused', error: new ApiError('unavailable', { retryAfter: 1 }) };
    return outcome === 'revived' ? { state: 'accepted' } : undefined;
  }
}

/** Classes 22 (bad value) and 23 (constraint): the row is at fault, not the connection. */
function isDataError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^2[23]/.test(code);
}
