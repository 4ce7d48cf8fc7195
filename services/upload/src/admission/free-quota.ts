import type { IncomingMessage } from 'node:http';
import type { RateLimiter } from '@bundler/adapters';
import type { Config } from '@bundler/contract';
import { clientAddress, countedAddress } from './client-address.ts';

export interface FreeQuotaOptions {
  /** Read at each upload: they may change while the process runs. */
  readonly config: Pick<Config, 'freeQuota' | 'freeQuotaWindow' | 'freeUploadLimit' | 'trustedProxies'>;
  readonly limiter: Pick<RateLimiter, 'take'>;
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
    const verdict = await this.#take(client, byteCount, 0);
    return verdict !== undefined && verdict.remaining < byteCount;
  }

  /** Counts so many bytes, unless they are too many. @returns whether they are */
  async exceeds(client: string | undefined, byteCount: number): Promise<boolean> {
    const verdict = await this.#take(client, byteCount, byteCount);
    return verdict?.allowed === false;
  }

  async #take(client: string | undefined, byteCount: number, cost: number) {
    const { freeQuota: max, freeQuotaWindow: windowMs, freeUploadLimit } = this.#options.config;
    // What is not free by its size uses nothing up.
    if (client === undefined || max === 0 || byteCount > freeUploadLimit) return undefined;
    return this.#options.limiter.take(`free:${client}`, { max, windowMs }, cost);
  }
}
