import type { Logger, Metrics } from '@bundler/runtime';
import CircuitBreaker from 'opossum';

const BUCKETS = 10;

const EVENTS = ['success', 'failure', 'timeout', 'reject', 'open', 'half_open', 'close'];

const STATE = { closed: 0, open: 1, halfOpen: 2 } as const;

export interface BreakerOptions {
  /** How the service is called in metrics and in the log. */
  readonly service: string;
  /** How long a call may take; longer is a failure. */
  readonly timeoutMs: number;
  /** Percentage of failures that opens the breaker. */
  readonly errorThreshold: number;
  readonly resetTimeoutMs: number;
  readonly rollingWindowMs: number;
  /** Calls in the window below which no percentage opens the breaker. */
  readonly minCalls: number;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'breakerState' | 'breakerEvents'>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** The breaker is open, or trying, and lets no call through. */
export class BreakerOpen extends Error {
  /** Milliseconds until it tries again. */
  readonly retryMs: number;

  constructor(service: string, retryMs: number) {
    super(`the circuit breaker of ${service} is open`);
    this.retryMs = retryMs;
  }
}

/** Calls a service that may be down, and leaves it alone while it is: calls then fail at once. */
export class Breaker {
  readonly #breaker: CircuitBreaker<[() => Promise<unknown>]>;
  readonly #options: BreakerOptions;
  #openedAt = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#breaker = new CircuitBreaker((call: () => Promise<unknown>) => call(), {
      name: options.service,
      timeout: options.timeoutMs,
      errorThresholdPercentage: options.errorThreshold,
      resetTimeout: options.resetTimeoutMs,
      rollingCountTimeout: options.rollingWindowMs,
      rollingCountBuckets: BUCKETS,
      volumeThreshold: options.minCalls,
      // However many wait for a slow but healthy service: that is no failure.
      capacity: Number.MAX_SAFE_INTEGER,
    });
    this.#report();
  }

  /**
   * Makes a call. What it rejects with counts as a failure of the service, so a refusal has to be a value.
   *
   * @throws BreakerOpen without making it
   */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return (await this.#breaker.fire(call)) as Result;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EOPENBREAKER') throw error;
      const { now, resetTimeoutMs, service } = this.#options;
      throw new BreakerOpen(service, Math.max(0, this.#openedAt + resetTimeoutMs - now()));
    }
  }

  /** False while calls are refused, or one is tried. */
  get isClosed(): boolean {
    return this.#breaker.closed;
  }

  close(): void {
    this.#breaker.shutdown();
  }

  #report(): void {
    const { logger, metrics, now, service } = this.#options;
    const enter = (state: keyof typeof STATE): void => metrics.breakerState.set({ service }, STATE[state]);
    const count = (event: string): void => metrics.breakerEvents.inc({ service, event });
    enter('closed');
    for (const event of EVENTS) metrics.breakerEvents.inc({ service, event }, 0);
    this.#breaker.on('open', () => {
      this.#openedAt = now();
      enter('open');
      count('open');
      logger.error({ service }, 'circuit breaker open: calls fail at once');
    });
    this.#breaker.on('halfOpen', () => {
      enter('halfOpen');
      count('half_open');
      logger.warn({ service }, 'circuit breaker half open: the next call is a trial');
    });
    this.#breaker.on('close', () => {
      enter('closed');
      count('close');
      logger.info({ service }, 'circuit breaker closed');
    });
    for (const event of ['success', 'failure', 'reject'] as const)
      this.#breaker.on(event as 'success', () => count(event));
    this.#breaker.on('timeout', () => {
      count('timeout');
      logger.debug({ service }, 'call took too long');
    });
  }
}
