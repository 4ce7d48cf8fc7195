import { ApiError, type ErrorCode, type X402Requirements } from '@bundler/contract';

/** A 402 that says how it can be paid for. */
export class PaymentRequired extends ApiError {
  readonly accepts: readonly X402Requirements[];

  constructor(
    code: ErrorCode & ('insufficient_balance' | 'free_quota_used' | 'invalid_payment'),
    accepts: readonly X402Requirements[],
    detail?: string,
  ) {
    super(code, detail === undefined ? {} : { detail });
    this.accepts = accepts;
  }
}
