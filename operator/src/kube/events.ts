import type { Logger } from '@bundler/runtime';
import type { Clock } from '../runtime/clock.ts';
import type { OperatorMetrics } from '../runtime/metrics.ts';
import { TokenBucket } from '../runtime/token-bucket.ts';
import { NotFound } from './errors.ts';
import { microTime } from './micro-time.ts';
import type { KubeObject, ObjectMeta } from './objects.ts';
import { resources } from './resources.ts';
import type { KubeApi } from './rest.ts';

/** Something that people should read beside an object. */
export interface EventNote {
  /** What it is about. */
  readonly regarding: KubeObject;
  readonly type: 'Normal' | 'Warning';
  /** Why, in one word in CamelCase, such as `DriftCorrected`. */
  readonly reason: string;
  /** What was being done, in one word in CamelCase, such as `Apply`. */
  readonly action: string;
  /** For people. What is longer than 1 kB is cut. */
  readonly note: string;
}

export interface EventRecorderOptions {
  readonly api: Pick<KubeApi, 'create' | 'patch'>;
  /** What reports, such as `bundler.permaweb.dev/operator`. */
  readonly controller: string;
  /** Which process of it. */
  readonly instance: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: OperatorMetrics;
}

/** events.k8s.io/v1. */
interface Event extends KubeObject {
  readonly eventTime: string;
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}

/** One event and its repetitions. */
interface Series {
  readonly metadata: ObjectMeta & { readonly namespace: string };
  count: number;
  lastAt: number;
  lastStamp: string;
  cancelFlush: (() => void) | undefined;
}

/** The API server refuses longer notes and names. */
const [MAX_NOTE_BYTES, MAX_NAME] = [1024, 253];
/** A repetition after this is a new event. */
const SERIES_END_MS = 6 * 60_000;
/** Repetitions are written together, this long after the first. */
const FLUSH_MS = 30_000;
/** How much one object may have to say: so many at once, then one every 5 minutes. */
const [BURST, PER_SECOND] = [25, 1 / 300];

/** Records events for `kubectl describe`. What repeats is counted in one event; a failure is logged and nothing else. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #writing = new Set<Promise<void>>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Returns at once, and never throws. */
  record(note: EventNote): void {
    this.#forgetOld();
    const key = keyOf(note);
    const series = this.#series.get(key);
    if (series) this.#repeat(series);
    else if (this.#mayTell(note.regarding)) this.#begin(key, note);
    else this.#options.metrics.eventsFailed.inc();
  }

  /** Writes what is counted but not written yet; resolves when nothing is on its way. */
  async flush(): Promise<void> {
    for (const series of this.#series.values()) if (series.cancelFlush) this.#flush(series);
    await Promise.all(this.#writing);
  }

  #begin(key: string, note: EventNote): void {
    const { api, clock } = this.#options;
    const event = this.#eventOf(note);
    const series: Series = {
      metadata: event.metadata as Series['metadata'],
      count: 1,
      lastAt: clock.now(),
      lastStamp: event.eventTime,
      cancelFlush: undefined,
    };
    this.#series.set(key, series);
    this.#write(
      () => api.create(event),
      () => this.#series.delete(key),
    );
  }

  #repeat(series: Series): void {
    const { clock } = this.#options;
    series.count += 1;
    series.lastAt = clock.now();
    series.lastStamp = microTime(clock.date());
    series.cancelFlush ??= clock.schedule(FLUSH_MS, () => this.#flush(series));
  }

  #flush(series: Series): void {
    series.cancelFlush?.();
    series.cancelFlush = undefined;
    const { name, namespace } = series.metadata;
    const patch = { series: { count: series.count, lastObservedTime: series.lastStamp } };
    this.#write(() => this.#options.api.patch({ type: resources.events, namespace, name }, patch));
  }

  /** @param forget undoes what would keep the next one from being written */
  #write(request: () => Promise<unknown>, forget: () => void = () => undefined): void {
    const written = request()
      .then(() => undefined)
      .catch((error: unknown) => {
        forget();
        // The server deletes events after an hour.
        if (error instanceof NotFound) return;
        this.#options.metrics.eventsFailed.inc();
        this.#options.logger.warn({ err: error }, 'an event could not be recorded');
      })
      .finally(() => this.#writing.delete(written));
    this.#writing.add(written);
  }

  #eventOf({ regarding, type, reason, action, note }: EventNote): Event & Record<string, unknown> {
    const { clock, random, controller, instance } = this.#options;
    const { apiVersion, kind } = regarding;
    const { name, namespace = 'default', uid, resourceVersion } = regarding.metadata;
    const unique = `.${clock.date().getTime().toString(16)}${Math.floor(random() * 2 ** 32).toString(16)}`;
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: name.slice(0, MAX_NAME - unique.length) + unique, namespace },
      eventTime: microTime(clock.date()),
      reportingController: controller,
      reportingInstance: instance,
      action,
      reason,
      type,
      note: cut(note),
      regarding: { apiVersion, kind, name, namespace: regarding.metadata.namespace, uid, resourceVersion },
    };
  }

  #mayTell({ metadata }: KubeObject): boolean {
    const { clock } = this.#options;
    const id = metadata.uid ?? `${metadata.namespace}/${metadata.name}`;
    const bucket = this.#buckets.get(id) ?? new TokenBucket({ perSecond: PER_SECOND, burst: BURST, clock });
    this.#buckets.set(id, bucket);
    return bucket.tryTake();
  }

  #forgetOld(): void {
    const now = this.#options.clock.now();
    for (const [key, series] of this.#series) {
      if (now - series.lastAt > SERIES_END_MS && !series.cancelFlush) this.#series.delete(key);
    }
    for (const [id, bucket] of this.#buckets) if (bucket.isFull) this.#buckets.delete(id);
  }
}

function keyOf({ regarding, type, reason, action, note }: EventNote): string {
  const { namespace, name, uid } = regarding.metadata;
  return JSON.stringify([regarding.kind, namespace, name, uid, type, reason, action, note]);
}

function cut(note: string): string {
  if (Buffer.byteLength(note) <= MAX_NOTE_BYTES) return note;
  const bytes = Buffer.from(note).subarray(0, MAX_NOTE_BYTES - 3);
  // A character that was cut in half is no character.
  return `${bytes.toString('utf8').replace(/\uFFFD+$/, '')}…`;
}
