/** So many requests in so long. */
export interface RateLimit {
  readonly max: number;
  readonly windowMs: number;
}

/** What became of a request that was to be counted. */
export interface RateVerdict {
  readonly allowed: boolean;
  /** Whole requests of cost 1 that may still come. */
  readonly remaining: number;
  /** Milliseconds until the first of the requests that count now counts no longer. */
  readonly resetMs: number;
  /** Milliseconds until the same request could be allowed; 0 when it was. */
  readonly retryMs: number;
}

/** Counts requests in a sliding window that all processes share. */
export interface RateLimiter {
  /**
   * Counts one request, unless it would be one too many. No window of this length ever holds more than the maximum.
   *
   * @param identity who sent it
   * @param cost what it counts for; a thousandth is the least
   * @returns undefined when nobody knows, because the count is out of reach: never a reason to refuse a request
   */
  take(identity: string, limit: RateLimit, cost: number): Promise<RateVerdict | undefined>;
  close(): Promise<void>;
}
