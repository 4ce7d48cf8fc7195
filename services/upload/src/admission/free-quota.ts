import type { IncomingMessage } from 'node:http';
import type { Config } from '@bundler/contract';
import {
  clientAddress,
  countedAddress,
  decisionOf,
  type Metrics,
  type RateLimiter,
  type RateVerdict,
} from '@bundler/runtime';

export interface FreeQuotaOptions {
  /** Read at each upload: they may change while the process runs. */
  readonly config: Pick<Config, 'freeQuota' | 'freeQuotaWindow' | 'freeUploadLimit' | 'trustedProxies'>;
  readonly limiter: Pick<RateLimiter, 'take'>;
  readonly metrics: Pick<Metrics, 'rateLimitDecisions'>;
}

/**
 * Counts the bytes that a client address sends for free, over all processes. When they cannot be counted, nobody is over the
 * quota: the limiter tells so.
 */
export class FreeQuota {
  readonly #options: FreeQuotaOptions;

  constructor(options: FreeQuotaOptions) {
    this.#options = options;
  }

  /** Whom a request is counted for; undefined while nothing is counted. */
  clientOf({ headers, socket }: IncomingMessage): string | undefined {
    const { freeQuota, trustedProxies } = this.#options.config;
    if (freeQuota === 0) return undefined;
    const forwarded = headers['x-forwarded-for'] as string | undefined;
    return countedAddress(clientAddress(socket.remoteAddress, forwarded, trustedProxies));
  }

  /** Whether so many bytes would be too many; nothing is counted. */
  async wouldExceed(client: string | undefined, byteCount: number): Promise<boolean> {
    if (!this.#isCounted(client, byteCount)) return false;
    const verdict = await this.#take(client, 0);
    const exceeds = verdict !== undefined && verdict.remaining < byteCount;
    // What does not exceed it is counted when it is taken.
    if (exceeds) this.#count('deny');
    return exceeds;
  }

  /** Counts so many bytes, unless they are too many. @returns whether they are */
  async exceeds(client: string | undefined, byteCount: number): Promise<boolean> {
    if (!this.#isCounted(client, byteCount)) return false;
    const verdict = await this.#take(client, byteCount);
    this.#count(decisionOf(verdict));
    return verdict?.allowed === false;
  }

  /** What is not free by its size uses nothing up. */
  #isCounted(client: string | undefined, byteCount: number): client is string {
    const { freeQuota, freeUploadLimit } = this.#options.config;
    return client !== undefined && freeQuota > 0 && byteCount <= freeUploadLimit;
  }

  #take(client: string, cost: number): Promise<RateVerdict | undefined> {
    const { freeQuota: max, freeQuotaWindow: windowMs } = this.#options.config;
    return this.#options.limiter.take(`free:${client}`, { max, windowMs }, cost);
  }

  #count(decision: ReturnType<typeof decisionOf>): void {
    this.#options.metrics.rateLimitDecisions.inc({ tier: 'free_quota', decision });
  }
}
