import type {
  X402Outcome,
  X402Payment,
  X402PayRequest,
  X402Quote,
  X402Requirements,
  X402Verdict,
} from '@bundler/contract';
import type { Breaker } from '../breaker.ts';
import { asking, reaching } from './asking.ts';
import type { PaymentClient } from './client.ts';

/** A settlement waits for a block: longer than the payment service waits for it, milliseconds. */
const SETTLE_MS = 40_000;

/** Payments by x402, which the payment service judges and has carried out. */
export interface X402Payments {
  /** What an upload costs, on each network; nothing where no such payments are taken. */
  quote(byteCount: number): Promise<readonly X402Requirements[]>;
  /** Nothing moves by asking. */
  verify(payment: X402Payment, byteCount: number): Promise<X402Verdict>;
  /** Carries it out; repeated, nothing more moves. */
  pay(order: X402PayRequest): Promise<X402Outcome>;
}

/**
 * Asks the payment service, behind its breaker. A settlement goes past the breaker: it may take long, and what is slow then is the
 * facilitator, for which no other upload shall be refused.
 */
export function x402Payments(client: Pick<PaymentClient, 'post'>, breaker: Pick<Breaker, 'run'>): X402Payments {
  const ask = (path: string, body: object): Promise<unknown> => asking(breaker, () => client.post(path, body));
  return {
    quote: async (byteCount) => ((await ask('/v1/x402/quote', { byteCount })) as X402Quote).accepts,
    verify: async (payment, byteCount) => (await ask('/v1/x402/verify', { payment, byteCount })) as X402Verdict,
    pay: async (order) => (await reaching(() => client.post('/v1/x402/pay', order, SETTLE_MS))) as X402Outcome,
  };
}
