import { PAYMENT_AUDIENCE } from '@bundler/contract';
import { type Claims, MIN_TOKEN_SECRET, readSignedToken } from '@bundler/runtime';

/** How far the clocks of two services may differ, seconds. */
const SKEW_SECONDS = 60;
/** Longest life of a token: services make one for each call. */
const MAX_LIFE_SECONDS = 600;

/**
 * Checks the tokens with which other services let themselves in : who they are meant for, and when. Two secrets count, so that one can be replaced while services run.
 */
export class ServiceTokens {
  readonly #secrets: readonly string[];
  readonly #now: () => number;

  /**
   * @param secrets the current one, and the one before it or ''
   * @param now Unix milliseconds
   * @throws Error when a secret is too short
   */
  constructor([current, before]: readonly [current: string, before: string], now: () => number) {
    requireLong('PRIVATE_ROUTE_SECRET', current);
    if (before !== '') requireLong('PRIVATE_ROUTE_SECRET_BEFORE', before);
    this.#secrets = before === '' ? [current] : [current, before];
    this.#now = now;
  }

  /** Whether an `authorization` header lets its sender in. */
  accepts(authorization: string | undefined): boolean {
    const claims = readSignedToken(authorization, this.#secrets);
    return claims !== undefined && this.#isMeant(claims);
  }

  #isMeant({ aud, exp, iat }: Claims): boolean {
    if (aud !== PAYMENT_AUDIENCE || typeof exp !== 'number' || typeof iat !== 'number') return false;
    const now = this.#now() / 1000;
    return iat <= now + SKEW_SECONDS && exp > now && exp - iat <= MAX_LIFE_SECONDS;
  }
}

function requireLong(variable: string, secret: string): void {
  if (secret.length < MIN_TOKEN_SECRET)
    throw new Error(`${variable} must have at least ${MIN_TOKEN_SECRET} characters`);
}
