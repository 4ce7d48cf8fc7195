import { createHmac, timingSafeEqual } from 'node:crypto';
import { PAYMENT_AUDIENCE } from '@bundler/contract';

/** How far the clocks of two services may differ, seconds. */
const SKEW_SECONDS = 60;
/** Longest life of a token: services make one for each call. */
const MAX_LIFE_SECONDS = 600;
/** Least characters of a secret: whoever could guess it could spend everybody's balance. */
const MIN_SECRET = 32;

/**
 * Checks the tokens with which other services let themselves in (RFC 7519, HS256 and nothing else): who they are meant
 * for, and when. Two secrets count, so that one can be replaced while services run.
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
    const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) return false;
    const [header = '', claims = '', signature = ''] = token.split('.');
    return this.#isSigned(`${header}.${claims}`, signature) && this.#isMeant(parse(header), parse(claims));
  }

  #isSigned(signed: string, signature: string): boolean {
    const given = Buffer.from(signature, 'base64url');
    return this.#secrets.some((secret) => {
      const expected = createHmac('sha256', secret).update(signed).digest();
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }

  #isMeant({ alg }: Record<string, unknown>, { aud, exp, iat }: Record<string, unknown>): boolean {
    if (alg !== 'HS256' || aud !== PAYMENT_AUDIENCE || typeof exp !== 'number' || typeof iat !== 'number') return false;
    const now = this.#now() / 1000;
    return iat <= now + SKEW_SECONDS && exp > now && exp - iat <= MAX_LIFE_SECONDS;
  }
}

function requireLong(variable: string, secret: string): void {
  if (secret.length < MIN_SECRET) throw new Error(`${variable} must have at least ${MIN_SECRET} characters`);
}

function parse(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
