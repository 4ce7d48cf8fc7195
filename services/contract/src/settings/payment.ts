import { setting } from './define.ts';
import { duration, integer, text } from './kinds.ts';

const roles = ['upload', 'workers'] as const;

export const payment = {
  paymentServiceUrl: setting({
    env: 'PAYMENT_SERVICE_URL',
    path: null,
    kind: text(),
    default: '',
    doc: 'The payment service. Empty means that nothing can be paid for: free uploads are taken and no others.',
    roles,
  }),
  privateRouteSecret: setting({
    env: 'PRIVATE_ROUTE_SECRET',
    path: null,
    kind: text(),
    default: '',
    doc: 'Secret with which services sign the tokens that let them into the private routes of each other; at least 32 characters.',
    roles,
    secret: true,
  }),
  paymentTimeout: setting({
    env: 'PAYMENT_SERVICE_TIMEOUT',
    path: 'upload.paymentBreaker.timeout',
    kind: duration('ms', { min: 10, max: 60_000 }),
    default: 5000,
    doc: 'How long the payment service may take to answer; longer counts as a failure.',
    roles,
  }),
  paymentErrorThreshold: setting({
    env: 'PAYMENT_SERVICE_ERROR_THRESHOLD',
    path: 'upload.paymentBreaker.errorThreshold',
    kind: integer({ min: 1, max: 100 }),
    default: 50,
    doc: 'Percentage of failures in the rolling window above which the breaker opens: uploads that must be paid for are then refused with 503 at once.',
    roles,
  }),
  paymentResetTimeout: setting({
    env: 'PAYMENT_SERVICE_RESET_TIMEOUT',
    path: 'upload.paymentBreaker.resetTimeout',
    kind: duration('ms', { min: 100, max: 3_600_000 }),
    default: 30_000,
    doc: 'How long the breaker stays open before one call tries whether the payment service is back.',
    roles,
  }),
  paymentRollingWindow: setting({
    env: 'PAYMENT_SERVICE_ROLLING_WINDOW',
    path: 'upload.paymentBreaker.rollingWindow',
    kind: duration('ms', { min: 1000, max: 600_000 }),
    default: 10_000,
    doc: 'The window in which failures are counted, in ten parts.',
    roles,
  }),
};
