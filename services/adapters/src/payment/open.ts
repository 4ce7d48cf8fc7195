import type { Config } from '@bundler/contract';
import type { Logger, Metrics } from '@bundler/runtime';
import { Breaker } from '../breaker.ts';
import { PaymentClient } from './client.ts';
import { freeOnlyPayment } from './free-only.ts';
import { PaidUploads, type PaidUploadsOptions } from './paid.ts';
import type { CreditSharing, Payment, PaymentSettlement } from './port.ts';
import { paymentSettlement } from './settlement.ts';
import { creditSharing, noCreditSharing } from './sharing.ts';
import { type X402Payments, x402Payments } from './x402.ts';

type PaymentConfig = Pick<
  Config,
  | 'freeUploadLimit'
  | 'allowListedAddresses'
  | 'paymentServiceUrl'
  | 'privateRouteSecret'
  | 'paymentTimeout'
  | 'paymentErrorThreshold'
  | 'paymentResetTimeout'
  | 'paymentRollingWindow'
>;

export interface OpenedPayment {
  readonly payment: Payment;
  readonly sharing: CreditSharing;
  /** Undefined where there is no payment service. */
  readonly settlement: PaymentSettlement | undefined;
  /** The same. */
  readonly x402: X402Payments | undefined;
  close(): Promise<void>;
}

/** Of many uploads one that fails is no outage. */
const MIN_CALLS = 5;

/**
 * Who pays for uploads: the payment service, or where there is none nobody.
 *
 * @throws Error when the service's secret is too short
 */
export function openPayment(
  config: PaymentConfig,
  logger: Logger,
  metrics: Metrics,
  options: PaidUploadsOptions = {},
): OpenedPayment {
  const { tracing } = options;
  const free = freeOnlyPayment(config);
  if (config.paymentServiceUrl === '') {
    return {
      payment: free,
      sharing: noCreditSharing,
      settlement: undefined,
      x402: undefined,
      close: async () => undefined,
    };
  }
  const client = new PaymentClient({
    url: config.paymentServiceUrl.replace(/\/+$/, ''),
    secret: config.privateRouteSecret,
    timeoutMs: config.paymentTimeout,
    now: Date.now,
    tracing,
  });
  const breaker = new Breaker({
    service: 'payment',
    timeoutMs: config.paymentTimeout,
    errorThreshold: config.paymentErrorThreshold,
    resetTimeoutMs: config.paymentResetTimeout,
    rollingWindowMs: config.paymentRollingWindow,
    minCalls: MIN_CALLS,
    logger,
    metrics,
    now: () => performance.now(),
  });
  return {
    payment: new PaidUploads(free, client, breaker, options),
    sharing: creditSharing(client, breaker),
    settlement: paymentSettlement(client, breaker, tracing),
    x402: x402Payments(client, breaker),
    close: async () => breaker.close(),
  };
}
