import { ApiError, type Progress } from '@bundler/contract';
import type { Logger, Metrics } from '@bundler/runtime';
import type { ProgressSource } from './sources.ts';

/** Somebody who follows one upload. */
export interface Follower {
  progress(now: Progress): void;
  /** Nobody has known the id for as long as one waits. */
  unknown(): void;
  /** This process stops; another one goes on. */
  moveOn(): void;
}

export interface ProgressHubOptions {
  /** Who knows of uploads under way; asked often, because bytes arrive all the time. */
  readonly reports: ProgressSource;
  /** Who knows of what was accepted; each is asked about the ids that those before it do not know. */
  readonly sources: readonly ProgressSource[];
  readonly intervalMs: number;
  readonly unknownAfterMs: number;
  readonly maxFollowers: number;
  readonly clock: () => number;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'progressStreams' | 'progressRefused' | 'progressLooks'>;
}

interface Watch {
  readonly id: string;
  /** When each follower was last told something, or came. */
  readonly followers: Map<Follower, number>;
  last: Progress | undefined;
}

/** How often reports of uploads under way are read, milliseconds. */
const REPORTS_EVERY_MS = 250;
/** Ids that are new within this time are asked about together, milliseconds. */
const GATHER_MS = 50;

/**
 * Follows any number of uploads with few questions: each source is asked about all of them at once, once an interval,
 * and not at all while nobody follows anything. An id that is new is asked about at once, with those that came with it.
 */
export class ProgressHub {
  readonly #options: ProgressHubOptions;
  readonly #watches = new Map<string, Watch>();
  readonly #fresh = new Set<Watch>();
  #followers = 0;
  #reportsAt = Number.NEGATIVE_INFINITY;
  #sourcesAt = Number.NEGATIVE_INFINITY;
  #looking = false;
  #timer: NodeJS.Timeout | undefined;
  #soon = false;
  readonly #failing = new Set<ProgressSource>();
  #closed = false;

  constructor(options: ProgressHubOptions) {
    this.#options = options;
  }

  /**
   * Follows an id until the function returned is called. What is known of it already is told at once.
   *
   * @throws ApiError when too many follow something
   */
  follow(id: string, follower: Follower): () => void {
    const { maxFollowers, metrics, clock } = this.#options;
    if (this.#followers >= maxFollowers) {
      metrics.progressRefused.inc();
      throw new ApiError('overloaded', { detail: 'It follows as many uploads as it may.', retryAfter: 5 });
    }
    let watch = this.#watches.get(id);
    if (!watch) {
      watch = { id, followers: new Map(), last: undefined };
      this.#watches.set(id, watch);
      this.#fresh.add(watch);
    }
    watch.followers.set(follower, clock());
    this.#count(1);
    if (this.#closed) follower.moveOn();
    else if (watch.last) follower.progress(watch.last);
    this.#schedule();
    return () => this.#leave(watch, follower);
  }

  /** Sends every follower on to another process, and those that still come. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const { followers } of this.#watches.values()) for (const follower of followers.keys()) follower.moveOn();
  }

  #leave(watch: Watch, follower: Follower): void {
    if (!watch.followers.delete(follower)) return;
    this.#count(-1);
    if (watch.followers.size > 0) return;
    this.#watches.delete(watch.id);
    this.#fresh.delete(watch);
    if (this.#watches.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #count(change: 1 | -1): void {
    this.#followers += change;
    this.#options.metrics.progressStreams.set(this.#followers);
  }

  #schedule(): void {
    const soon = this.#fresh.size > 0;
    if (this.#closed || this.#looking || (this.#timer && (this.#soon || !soon))) return;
    clearTimeout(this.#timer);
    this.#soon = soon;
    this.#timer = setTimeout(() => void this.#tick(), soon ? GATHER_MS : REPORTS_EVERY_MS);
  }

  async #tick(): Promise<void> {
    this.#timer = undefined;
    this.#looking = true;
    try {
      await this.#look();
      this.#expire();
    } finally {
      this.#looking = false;
    }
    if (this.#watches.size > 0) this.#schedule();
  }

  async #look(): Promise<void> {
    const { reports, sources, intervalMs, clock } = this.#options;
    const now = clock();
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    const reportsDue = now - this.#reportsAt >= REPORTS_EVERY_MS;
    const sourcesDue = now - this.#sourcesAt >= intervalMs;
    if (reportsDue) this.#reportsAt = now;
    if (sourcesDue) this.#sourcesAt = now;
    const all = [...this.#watches.values()];

    const reported = await this.#ask(reports, (reportsDue ? all : fresh).filter(isEarly));
    // Whose bytes are moving is not accepted. A report that stands still may be that of a process that is gone.
    const moving = new Set([...reported].filter(([watch, progress]) => hasMoved(watch, progress)).map(([w]) => w));
    let open = (sourcesDue ? all : fresh).filter((watch) => !moving.has(watch) || fresh.includes(watch));
    const found = new Map(reported);
    for (const source of sources) {
      const answers = await this.#ask(source, open);
      for (const [watch, progress] of answers) found.set(watch, progress);
      open = open.filter((watch) => !answers.has(watch));
    }
    for (const [watch, progress] of found) this.#tell(watch, progress);
  }

  /** One question about all of them; who cannot answer knows nothing. */
  async #ask(source: ProgressSource, watches: readonly Watch[]): Promise<Map<Watch, Progress>> {
    if (watches.length === 0) return new Map();
    const { logger, metrics } = this.#options;
    try {
      const answers = await source.find(watches.map(({ id }) => id));
      metrics.progressLooks.inc({ source: source.name, result: 'ok' });
      this.#failing.delete(source);
      return new Map(watches.flatMap((watch) => [answers.get(watch.id)].flatMap((p) => (p ? [[watch, p]] : []))));
    } catch (error) {
      metrics.progressLooks.inc({ source: source.name, result: 'error' });
      if (!this.#failing.has(source)) logger.warn({ err: error, source: source.name }, 'progress cannot be read');
      this.#failing.add(source);
      return new Map();
    }
  }

  #tell(watch: Watch, progress: Progress): void {
    // What was accepted is never told as being received: the report is that of a repetition.
    if (watch.last && !isEarly(watch) && (progress.stage === 'receiving' || progress.stage === 'stored')) return;
    watch.last = progress;
    const now = this.#options.clock();
    for (const follower of watch.followers.keys()) {
      watch.followers.set(follower, now);
      follower.progress(progress);
    }
  }

  #expire(): void {
    const { sources, unknownAfterMs, clock } = this.#options;
    // An id is unknown when those who would know say so, and not while they cannot be asked.
    if (sources.some((source) => this.#failing.has(source))) return;
    const limit = clock() - unknownAfterMs;
    for (const watch of this.#watches.values()) {
      if (!isEarly(watch)) continue;
      for (const [follower, toldAt] of watch.followers) if (toldAt <= limit) follower.unknown();
    }
  }
}

/** Nobody has accepted it yet, as far as is known. */
const isEarly = ({ last }: Watch): boolean =>
  last === undefined || last.stage === 'receiving' || last.stage === 'stored';

const hasMoved = ({ last }: Watch, now: Progress): boolean =>
  now.stage === 'receiving' && (now.receivedByteCount ?? 0) > (last?.receivedByteCount ?? 0);
