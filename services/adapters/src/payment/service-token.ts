import { PAYMENT_AUDIENCE } from '@bundler/contract';
import { signToken } from '@bundler/runtime';

/** A token is made for each call; it lasts as long as clocks may differ, seconds. */
const TOKEN_SECONDS = 60;

/** Lets a service into the private routes of the payment service: who asks, whom, and until when. */
export function serviceToken(secret: string, issuer: string, nowMs: number): string {
  const now = Math.floor(nowMs / 1000);
  return signToken(secret, { iss: issuer, aud: PAYMENT_AUDIENCE, iat: now, exp: now + TOKEN_SECONDS });
}
