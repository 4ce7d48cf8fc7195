import type { Clock } from './clock.ts';
import type { OperatorMetrics } from './metrics.ts';
import { TokenBucket } from './token-bucket.ts';

export interface WorkQueueOptions {
  /** For metrics. */
  readonly name: string;
  readonly clock: Clock;
  readonly metrics: OperatorMetrics;
}

/** A key that fails waits this long, twice as long each time, at most 16 minutes. */
const [RETRY_BASE_MS, RETRY_MAX_MS] = [5, 16 * 60_000];
/** All keys that fail together come back at this rate, after a first burst. */
const [RETRIES_PER_SECOND, RETRY_BURST] = [10, 100];

interface Waiting {
  readonly due: number;
  readonly cancel: () => void;
}

/**
 * Keys that want work. A key waits once however often it is added, is worked on by one worker at a time, and is
 * worked on once more when it was added meanwhile.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #labels: { readonly queue: string };
  /** Keys that may be taken now, in order, and since when they wait. */
  readonly #ready = new Map<string, number>();
  readonly #processing = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #failures = new Map<string, number>();
  readonly #bucket: TokenBucket;
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#labels = { queue: options.name };
    this.#bucket = new TokenBucket({ perSecond: RETRIES_PER_SECOND, burst: RETRY_BURST, clock: options.clock });
  }

  /** Keys that could be taken now. */
  get depth(): number {
    return this.#ready.size;
  }

  add(key: string): void {
    if (this.#closed) return;
    if (this.#processing.has(key)) {
      this.#dirty.add(key);
      return;
    }
    if (this.#ready.has(key)) return;
    this.#ready.set(key, this.#options.clock.now());
    this.#offer();
  }

  /** Adds a key after a while; when it already waits for a time, the earlier one holds. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const { clock } = this.#options;
    const due = clock.now() + ms;
    const waiting = this.#waiting.get(key);
    if (waiting && waiting.due <= due) return;
    waiting?.cancel();
    const cancel = clock.schedule(ms, () => {
      this.#waiting.delete(key);
      this.add(key);
    });
    this.#waiting.set(key, { due, cancel });
  }

  /** Adds a key whose work failed, later each time; returns after how many milliseconds. */
  addRateLimited(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#options.metrics.workQueueRetries.inc(this.#labels);
    const pause = Math.max(Math.min(RETRY_BASE_MS * 2 ** failures, RETRY_MAX_MS), this.#bucket.reserve());
    this.addAfter(key, pause);
    return pause;
  }

  /** Work on a key went well: its next failure is a first one. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** How often in a row a key failed. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, when there is one; undefined when the queue is closed. Whoever takes a key says `done`. */
  take(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      this.#offer();
    });
  }

  done(key: string): void {
    this.#processing.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
  }

  /** Gives out no more keys and takes none; what waits is dropped, for whoever comes next looks at everything. */
  close(): void {
    this.#closed = true;
    this.#ready.clear();
    this.#dirty.clear();
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
    this.#offer();
  }

  #offer(): void {
    const { clock, metrics } = this.#options;
    while (this.#closed && this.#takers.length > 0) this.#takers.shift()?.(undefined);
    for (const [key, since] of this.#ready) {
      const taker = this.#takers.shift();
      if (!taker) break;
      this.#ready.delete(key);
      this.#processing.add(key);
      metrics.workQueueWait.observe(this.#labels, (clock.now() - since) / 1000);
      taker(key);
    }
    metrics.workQueueDepth.set(this.#labels, this.#ready.size);
  }
}
