import { ApiError } from '@bundler/contract';
import { type Breaker, BreakerOpen } from '../breaker.ts';

/** Asks the payment service behind a breaker. @throws ApiError `payment_unavailable` when it does not work */
export const asking = <Result>(breaker: Pick<Breaker, 'run'>, call: () => Promise<Result>): Promise<Result> =>
  reaching(() => breaker.run(call));

/** The same past any breaker. */
export async function reaching<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    const retryMs = cause instanceof BreakerOpen ? cause.retryMs : 1000;
    throw new ApiError('payment_unavailable', { cause, retryAfter: Math.max(1, Math.ceil(retryMs / 1000)) });
  }
}
