import type { Logger } from '@bundler/runtime';
import { KubeError } from '../kube/errors.ts';
import type { Clock } from './clock.ts';
import type { OperatorMetrics } from './metrics.ts';
import { WorkQueue } from './workqueue.ts';

/** What a reconciliation wants next; nothing: it is done until something changes. */
export interface Later {
  readonly requeueAfterMs: number;
}

export interface ControllerOptions {
  /** For logs and metrics. */
  readonly name: string;
  /** How many keys are worked on at once; one key never is twice. */
  readonly concurrency: number;
  /** Brings one thing to where it should be; called again after it failed. */
  readonly reconcile: (key: string) => Promise<Later | undefined>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: OperatorMetrics;
}

/** When to look again at what cannot succeed until somebody changes it: there is an event for that, usually. */
const TERMINAL_RETRY_MS = 10 * 60_000;

/** Works through the keys of a queue, one reconciliation each. */
export class Controller {
  readonly queue: WorkQueue;
  readonly #options: ControllerOptions;
  /** What is worked on, and since when. */
  readonly #running = new Map<string, number>();
  #workers: Promise<unknown> | undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { name, clock, metrics } = options;
    this.queue = new WorkQueue({ name, clock, metrics });
  }

  get name(): string {
    return this.#options.name;
  }

  /** For how long the oldest piece of work is going on, milliseconds. */
  get longestRunningMs(): number {
    const since = Math.min(...this.#running.values());
    return Number.isFinite(since) ? this.#options.clock.now() - since : 0;
  }

  start(): void {
    this.#workers ??= Promise.all(Array.from({ length: this.#options.concurrency }, () => this.#work()));
  }

  /** Begins nothing new; resolves when what is being worked on is finished. */
  async stop(): Promise<void> {
    this.queue.close();
    await this.#workers;
  }

  async #work(): Promise<void> {
    for (let key = await this.queue.take(); key !== undefined; key = await this.queue.take()) {
      await this.#reconcile(key);
      this.queue.done(key);
    }
  }

  async #reconcile(key: string): Promise<void> {
    const { name, reconcile, clock, metrics } = this.#options;
    const begun = clock.now();
    this.#running.set(key, begun);
    let result = 'ok';
    try {
      const later = await reconcile(key);
      this.queue.forget(key);
      if (later) {
        result = 'later';
        this.queue.addAfter(key, later.requeueAfterMs);
      }
    } catch (error) {
      result = 'error';
      this.#failed(key, error);
    } finally {
      this.#running.delete(key);
      metrics.reconciles.observe({ queue: name, result }, (clock.now() - begun) / 1000);
    }
  }

  #failed(key: string, error: unknown): void {
    const { name, logger } = this.#options;
    const retryInMs = this.#retry(key, error instanceof KubeError && error.terminal);
    const failures = this.queue.failures(key);
    logger.error({ err: error, controller: name, key, failures, retryInMs }, 'reconciling failed');
  }

  /** Returns when, milliseconds from now. */
  #retry(key: string, terminal: boolean): number {
    if (!terminal) return this.queue.addRateLimited(key);
    this.queue.addAfter(key, TERMINAL_RETRY_MS);
    return TERMINAL_RETRY_MS;
  }
}
