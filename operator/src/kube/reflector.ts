import type { Logger } from '@bundler/runtime';
import { Backoff } from '../runtime/backoff.ts';
import { type Clock, sleep } from '../runtime/clock.ts';
import type { OperatorMetrics } from '../runtime/metrics.ts';
import { Gone, KubeError, unreachable } from './errors.ts';
import { listAll } from './list-all.ts';
import type { KubeObject, WatchEvent } from './objects.ts';
import type { ResourceType } from './resources.ts';
import type { KubeApi, Selection } from './rest.ts';
import { type Change, Store } from './store.ts';

export interface ReflectorOptions {
  readonly api: Pick<KubeApi, 'list' | 'watch'>;
  readonly type: ResourceType;
  readonly selection?: Selection;
  /** Needed to tell who changed what of an object; costs as much memory as the object. */
  readonly keepManagedFields?: boolean;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: OperatorMetrics;
}

/** Told of every change, in order. It notes a key and returns; work is done elsewhere. */
export type ChangeHandler<T extends KubeObject = KubeObject> = (change: Change<T>) => void;

/** A list of all objects of a large cluster may take the server a while. */
const LIST_TIMEOUT_MS = 60_000;
/** The server sends a bookmark each minute when nothing happens; this is longer, so only a dead connection is silent. */
const IDLE_MS = 90_000;
/** The server ends each watch after a while, drawn from this range so that not all are renewed at once, seconds. */
const [WATCH_MIN_S, WATCH_MAX_S] = [240, 480];
const [BACKOFF_BASE_MS, BACKOFF_MAX_MS] = [800, 30_000];
/** Every key is looked at again this often, in case a change was handled wrongly; up to a fifth later. */
const RESYNC_MS = 600_000;
/** A watch that ends sooner and brought nothing did not work, whatever it says. */
const SHORT_WATCH_MS = 1000;

/**
 * Keeps the objects of one type in memory as they are on the server: lists them once, then follows what changes. It
 * never gives up: whatever breaks is retried, and what changed meanwhile is found by comparing with a new list.
 */
export class Reflector<T extends KubeObject = KubeObject> {
  readonly store: Store<T>;
  readonly type: ResourceType;
  readonly #options: ReflectorOptions;
  readonly #backoff: Backoff;
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #stop = new AbortController();
  readonly #labels: { readonly resource: string };
  #loop: Promise<void> | undefined;
  #cancelResync: () => void = () => undefined;
  /** Where to watch on from; undefined when a list is needed. */
  #version: string | undefined;
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;
  #watching = false;
  #failingSince: number | undefined;
  #problem: KubeError | undefined;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.type = options.type;
    this.store = new Store(options.keepManagedFields ?? false);
    this.#labels = { resource: options.type.plural };
    this.#backoff = new Backoff({ baseMs: BACKOFF_BASE_MS, maxMs: BACKOFF_MAX_MS, random: options.random });
  }

  /** Resolves when the store first held everything. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Why it is not up to date at the moment. */
  get problem(): KubeError | undefined {
    return this.#problem;
  }

  /** For how long nothing has worked, milliseconds; 0 when it works. */
  get failingForMs(): number {
    // A watch that was accepted may be quiet for a minute before its first sign of life.
    if (this.#failingSince === undefined || this.#watching) return 0;
    return this.#options.clock.now() - this.#failingSince;
  }

  /** Tells a handler of changes from now on; what it returns ends that. */
  onChange(handler: ChangeHandler<T>): () => void {
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }

  start(): void {
    this.#loop ??= this.#run();
    this.#scheduleResync();
  }

  /** Ends it wherever it is; when this resolves, nothing of it goes on. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopping'));
    this.#cancelResync();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let reason = 'start';
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list(reason);
        await this.#watch(this.#version);
      } catch (error) {
        if (signal.aborted) return;
        const first = this.#backoff.failures === 0;
        const pause = this.#failed(error);
        if (error instanceof Gone) {
          reason = 'expired';
          this.#version = undefined;
          // An old version is nothing unusual, but a server that calls its newest too old must not be hurried.
          if (first) continue;
        }
        await sleep(this.#options.clock, pause, signal).catch(() => undefined);
      }
    }
  }

  /** Fills the store; returns the version to watch on from. */
  async #list(reason: string): Promise<string> {
    const { api, type, selection, metrics } = this.#options;
    metrics.relists.inc({ ...this.#labels, reason });
    const list = await listAll<T>(api, type, {
      ...selection,
      // The first may come from the server's cache; a later one must not be older than what was seen.
      resourceVersion: this.#hasSynced ? undefined : '0',
      signal: this.#stop.signal,
      timeoutMs: LIST_TIMEOUT_MS,
    });
    this.#tell(this.store.replace(list.items));
    this.#heard();
    this.#failingSince = undefined;
    this.#hasSynced = true;
    this.#synced.resolve();
    return list.metadata.resourceVersion;
  }

  /** Follows changes until the server ends the watch. */
  async #watch(resourceVersion: string): Promise<void> {
    const { api, type, selection, random, clock } = this.#options;
    const begun = clock.now();
    let events = 0;
    const watch = api.watch<T>(type, {
      ...selection,
      resourceVersion,
      onOpen: () => {
        this.#watching = true;
      },
      timeoutSeconds: WATCH_MIN_S + Math.floor(random() * (WATCH_MAX_S - WATCH_MIN_S)),
      idleMs: IDLE_MS,
      signal: this.#stop.signal,
    });
    try {
      for await (const event of watch) {
        events += 1;
        this.#take(event);
        this.#works();
      }
    } finally {
      this.#watching = false;
    }
    if (events === 0 && clock.now() - begun < SHORT_WATCH_MS) {
      throw unreachable(`watch ${type.plural}`, 'the watch ended at once');
    }
    this.#works();
  }

  #take({ type, object }: WatchEvent<T>): void {
    if (type === 'DELETED') this.#tell(this.store.remove(object));
    else if (type !== 'BOOKMARK') this.#tell(this.store.set(object));
    this.#version = object.metadata.resourceVersion;
    this.#heard();
  }

  #heard(): void {
    const { metrics, clock } = this.#options;
    metrics.watchLastEvent.set(this.#labels, clock.date().getTime() / 1000);
    metrics.cachedObjects.set(this.#labels, this.store.size);
  }

  #works(): void {
    this.#backoff.reset();
    this.#failingSince = undefined;
    this.#problem = undefined;
  }

  /** Notes a failure; returns how long to wait, milliseconds. */
  #failed(error: unknown): number {
    const { clock, logger, metrics, type } = this.#options;
    const problem = error instanceof KubeError ? error : unreachable(`watch ${type.plural}`, error);
    this.#failingSince ??= clock.now();
    this.#problem = problem;
    metrics.watchErrors.inc({ ...this.#labels, reason: problem.name });
    const pause = Math.max(this.#backoff.next(), problem.retryAfterMs ?? 0);
    const level = problem instanceof Gone ? 'info' : 'warn';
    logger[level]({ err: problem, resource: type.plural, retryInMs: Math.round(pause) }, 'list or watch failed');
    return pause;
  }

  #tell(changes: readonly Change<T>[]): void {
    for (const change of changes) {
      for (const handler of this.#handlers) this.#call(handler, change);
    }
  }

  #call(handler: ChangeHandler<T>, change: Change<T>): void {
    try {
      handler(change);
    } catch (error) {
      this.#options.metrics.handlerErrors.inc(this.#labels);
      this.#options.logger.error({ err: error, resource: this.type.plural, key: change.key }, 'a handler failed');
    }
  }

  #scheduleResync(): void {
    const { clock, random } = this.#options;
    this.#cancelResync = clock.schedule(RESYNC_MS * (1 + random() / 5), () => {
      const changes = this.store
        .keys()
        .map((key) => ({ type: 'Resync' as const, key, object: this.store.byKey(key)! }));
      this.#tell(changes);
      this.#scheduleResync();
    });
  }
}
