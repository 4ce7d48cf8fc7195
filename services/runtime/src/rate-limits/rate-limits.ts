import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, type Config, routeCosts } from '@bundler/contract';
import type { Metrics } from '../metrics.ts';
import { AddressRanges } from './address-ranges.ts';
import { clientAddress, countedAddress } from './client-address.ts';
import type { RateLimit, RateLimiter, RateVerdict } from './port.ts';
import { Refusals } from './refusals.ts';

/** Settings that are read at each request: they may change while the process runs. */
type Limits = Pick<
  Config,
  | 'rateLimitEnabled'
  | 'rateLimitMaxRequests'
  | 'rateLimitAuthenticatedMax'
  | 'rateLimitWindow'
  | 'rateLimitBlockedIps'
  | 'rateLimitUnlimitedIps'
  | 'rateLimitCosts'
  | 'trustedProxies'
>;

/** How somebody has proven who they are, and who they are. */
export type Identity = readonly [tier: 'key' | 'token', who: string];

export interface RateLimitOptions {
  readonly config: Limits;
  /** What the counts of this service begin with, where another one counts by itself in the same Redis. */
  readonly prefix?: string;
  /** Who sends a request, as far as that is proven; a header that anybody could write is nobody. Left out, nobody can prove it. */
  readonly identityOf?: (headers: IncomingHttpHeaders) => Identity | undefined;
  readonly limiter: Pick<RateLimiter, 'take'>;
  readonly metrics: Pick<Metrics, 'rateLimitDecisions'>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What is known of a request before its body is read. */
export interface Arrival {
  readonly method: string;
  /** As routes are declared; undefined when there is none for it. */
  readonly route: string | undefined;
  readonly peer: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** What the route itself says that the request counts for. */
  readonly cost?: number | undefined;
}

export type Headers = Readonly<Record<string, number>>;

/** Refused with these headers. */
export class TooManyRequests extends ApiError {
  readonly headers: Headers;

  constructor(headers: Headers, retryMs: number) {
    super('rate_limited', { retryAfter: Math.max(1, Math.ceil(retryMs / 1000)) });
    this.headers = headers;
  }
}

/** Says which requests come in, and counts them. */
export class RateLimits {
  readonly #options: RateLimitOptions;
  readonly #blocked: AddressRanges;
  readonly #unlimited: AddressRanges;
  readonly #refusals = new Refusals();
  #costs: { readonly entries: readonly string[]; readonly byRoute: ReadonlyMap<string, number> } | undefined;

  constructor(options: RateLimitOptions) {
    const { config } = options;
    this.#options = options;
    this.#blocked = new AddressRanges(() => config.rateLimitBlockedIps);
    this.#unlimited = new AddressRanges(() => config.rateLimitUnlimitedIps);
  }

  /** Whether there is anything to ask for at all: when not, a request costs nothing here. */
  get areOff(): boolean {
    return !this.#options.config.rateLimitEnabled && this.#blocked.isEmpty;
  }

  /**
   * Counts a request.
   *
   * @returns headers for its answer; undefined when it was not counted
   * @throws ApiError when it is refused
   */
  async admit(arrival: Arrival): Promise<Headers | undefined> {
    const { config, limiter, metrics, now, prefix = '' } = this.#options;
    const forwarded = arrival.headers['x-forwarded-for'] as string | undefined;
    const address = clientAddress(arrival.peer, forwarded, config.trustedProxies);
    if (this.#blocked.has(address)) {
      metrics.rateLimitDecisions.inc({ tier: 'blocked_address', decision: 'deny' });
      throw new ApiError('blocked');
    }
    const cost = arrival.cost ?? this.#costOf(arrival);
    if (!config.rateLimitEnabled || cost === 0 || this.#unlimited.has(address)) return undefined;

    const verified = this.#options.identityOf?.(arrival.headers);
    const [tier, who] = verified ?? (['address', countedAddress(address)] as const);
    const identity = `${prefix}${tier === 'address' ? 'ip' : tier}:${who}`;
    const max = verified ? config.rateLimitAuthenticatedMax : config.rateLimitMaxRequests;
    const limit: RateLimit = { max, windowMs: config.rateLimitWindow };
    const refused = this.#refusals.find(identity, limit, cost, now());
    const verdict = refused ?? (await limiter.take(identity, limit, cost));
    metrics.rateLimitDecisions.inc({ tier, decision: decisionOf(verdict) });
    if (!verdict) return undefined;
    const headers = headersOf(limit, verdict, now());
    if (verdict.allowed) return headers;
    if (!refused) this.#refusals.remember(identity, limit, cost, verdict, now());
    throw new TooManyRequests(headers, verdict.retryMs);
  }

  #costOf({ method, route }: Arrival): number {
    const { rateLimitCosts: entries } = this.#options.config;
    if (this.#costs?.entries !== entries) this.#costs = { entries, byRoute: routeCosts(entries) };
    // HEAD is what GET answers, less the body.
    const asked = method === 'HEAD' ? 'GET' : method;
    return this.#costs.byRoute.get(`${asked} ${route?.replace(/^\/v1(?=\/)/, '')}`) ?? 1;
  }
}

/** What metrics call what was decided; nobody knows when the count was out of reach. */
export function decisionOf(verdict: Pick<RateVerdict, 'allowed'> | undefined): 'allow' | 'deny' | 'error' {
  if (!verdict) return 'error';
  return verdict.allowed ? 'allow' : 'deny';
}

function headersOf({ max }: RateLimit, verdict: { remaining: number; resetMs: number }, nowMs: number): Headers {
  return {
    'rate-limit-total': max,
    'rate-limit-remaining': verdict.remaining,
    'rate-limit-reset': Math.ceil((nowMs + verdict.resetMs) / 1000),
  };
}
