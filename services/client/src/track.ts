import type { ItemStatus, Progress } from '@bundler/contract';
import { BundlerError, UnknownItemError } from './errors.ts';
import { readEvents } from './event-stream.ts';
import type { Transport } from './http.ts';
import { parseRetryAfter } from './retry.ts';

export interface TrackOptions {
  /** Called with each stage, and with the bytes received while they arrive. */
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** A stream on which nothing came for so long is opened again, milliseconds. */
  readonly silenceMs?: number;
}

/** What tracking needs of a client. */
export interface Tracked {
  readonly transport: Transport;
  /** Opens the stream of events; resolves with any answer. @throws when there is none */
  readonly open: (lastEventId: string | undefined, signal: AbortSignal | undefined) => Promise<Response>;
  readonly status: (signal: AbortSignal | undefined) => Promise<ItemStatus | undefined>;
}

/** Pause after a stream that broke; doubled for each that brings nothing, milliseconds. */
const PAUSE_MS = 1000;
const MAX_PAUSE_MS = 15_000;
const POLL_MS = 2000;
/** The service says something twice as often at least. */
const SILENCE_MS = 60_000;
/** A service that answers so has no such streams, or something before it lets none through. */
const NO_STREAMS = [404, 405, 406, 501];

/**
 * Follows an upload to its end by the service's stream of events; while there is none, by asking for its status.
 *
 * @returns the last progress: `permanent` or `failed`
 * @throws UnknownItemError, BundlerError for an id that is none, or the signal's reason
 */
export async function trackUpload(id: string, tracked: Tracked, options: TrackOptions): Promise<Progress> {
  const { signal } = options;
  const tracker = new Tracker(id, tracked, options);
  for (;;) {
    signal?.throwIfAborted();
    const wait = await tracker.follow();
    if (!isFinal(tracker.last)) await tracker.poll();
    if (isFinal(tracker.last)) return tracker.last;
    signal?.throwIfAborted();
    await tracked.transport.sleep(wait, signal);
  }
}

class Tracker {
  last: Progress | undefined;
  readonly #id: string;
  readonly #tracked: Tracked;
  readonly #options: TrackOptions;
  #lastEventId: string | undefined;
  #pause = PAUSE_MS;
  #streams = true;

  constructor(id: string, tracked: Tracked, options: TrackOptions) {
    this.#id = id;
    this.#tracked = tracked;
    this.#options = options;
  }

  /** Follows a stream while it lasts. @returns how long to wait before the next, milliseconds */
  async follow(): Promise<number> {
    if (!this.#streams) return POLL_MS;
    const wait = this.#pause;
    this.#pause = Math.min(2 * this.#pause, MAX_PAUSE_MS);
    const answer = await this.#open();
    if (!answer) return wait;
    if (isStream(answer)) return this.#read(answer.body!, wait);
    await answer.body?.cancel();
    if (answer.status === 400) throw new BundlerError('track', { status: 400, text: `${this.#id} is no id` });
    // Of a stream whose last event was seen there is nothing more to come; only the status is still to be asked.
    this.#streams = !NO_STREAMS.includes(answer.status) && !answer.ok;
    const asked = parseRetryAfter(answer.headers.get('retry-after'), this.#tracked.transport.now());
    return asked ? Math.min(asked * 1000, MAX_PAUSE_MS) : wait;
  }

  /** Asks for the status once: what happens between two streams is not to be missed. */
  async poll(): Promise<void> {
    const status = await this.#tracked.status(this.#options.signal).catch(() => undefined);
    const progress = status && progressOf(this.#id, status, this.last);
    if (progress) this.#tell(progress);
  }

  async #open(): Promise<Response | undefined> {
    const { signal } = this.#options;
    try {
      return await this.#tracked.open(this.#lastEventId, signal);
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }

  async #read(body: ReadableStream<Uint8Array>, pause: number): Promise<number> {
    const { signal, silenceMs = SILENCE_MS } = this.#options;
    let wait = pause;
    try {
      for await (const { id, event, data, retry } of readEvents(body, silenceMs)) {
        if (retry !== undefined) wait = this.#pause = retry;
        if (event === 'unknown') throw new UnknownItemError(this.#id);
        if (event !== 'progress' || data === undefined) continue;
        wait = this.#pause = PAUSE_MS;
        this.#lastEventId = id;
        this.#tell(JSON.parse(data) as Progress);
        if (isFinal(this.last)) break;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof UnknownItemError) throw error;
    }
    return wait;
  }

  /** A stream that goes on where the last one broke tells again what a poll has told in between. */
  #tell(progress: Progress): void {
    const isRepeated = progress.stage !== 'receiving' && progress.stage === this.last?.stage;
    this.last = progress;
    if (!isRepeated) this.#options.onProgress?.(progress);
  }
}

const isStream = (answer: Response): boolean =>
  answer.status === 200 && answer.headers.get('content-type')?.startsWith('text/event-stream') === true;

const isFinal = (progress: Progress | undefined): progress is Progress =>
  progress?.stage === 'permanent' || progress?.stage === 'failed';

/** What a status says beyond the progress known; undefined when that is nothing. It tells fewer stages apart than events do. */
export function progressOf(id: string, status: ItemStatus, last: Progress | undefined): Progress | undefined {
  const stage = { new: 'accepted', pending: 'planned', permanent: 'permanent', failed: 'failed' } as const;
  const now: Progress = {
    id,
    stage: stage[status.info],
    receivedByteCount: status.rawContentLength,
    totalByteCount: status.rawContentLength,
    ...(status.bundleId === undefined ? {} : { bundleId: status.bundleId }),
    ...(status.reason === undefined ? {} : { reason: status.reason }),
  };
  if (last?.stage === now.stage) return undefined;
  const further = ['planned', 'posted', 'seeded'];
  return now.stage === 'planned' && last && further.includes(last.stage) ? undefined : now;
}
