import type { RateLimit, RateVerdict } from './port.ts';

/** Identities that are remembered. Beyond that, a flood from so many addresses is what Redis is asked about. */
const MAX_REMEMBERED = 10_000;

interface Refusal {
  readonly limit: RateLimit;
  readonly cost: number;
  readonly until: number;
  readonly resetAt: number;
  readonly remaining: number;
}

/**
 * Who was refused, until when. Who is over the limit and sends on is answered from here: a flood must not become one of
 * commands to Redis.
 */
export class Refusals {
  readonly #known = new Map<string, Refusal>();

  /** The refusal that stands for a request like this one; undefined when the limiter has to be asked. */
  find(identity: string, limit: RateLimit, cost: number, now: number): RateVerdict | undefined {
    const known = this.#known.get(identity);
    if (!known) return undefined;
    const stands =
      now < known.until &&
      cost >= known.cost &&
      known.limit.max === limit.max &&
      known.limit.windowMs === limit.windowMs;
    if (!stands) {
      this.#known.delete(identity);
      return undefined;
    }
    const { remaining, resetAt, until } = known;
    return { allowed: false, remaining, resetMs: Math.max(0, resetAt - now), retryMs: until - now };
  }

  remember(identity: string, limit: RateLimit, cost: number, verdict: RateVerdict, now: number): void {
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    const { remaining, resetMs, retryMs } = verdict;
    this.#known.set(identity, { limit, cost, remaining, until: now + retryMs, resetAt: now + resetMs });
  }
}
