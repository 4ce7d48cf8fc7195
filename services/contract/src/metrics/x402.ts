import { reportedBy } from './define.ts';

const { counter, gauge } = reportedBy('payment');

/** Payments by x402. */
export const x402Metrics = {
  x402Payments: counter(
    'payment_x402_payments_total',
    'Payments by x402 by what became of them. Unclear: whether one was carried out is not known, and somebody has to look at its chain.',
    { outcome: ['settled', 'refused', 'unclear'] },
  ),
  x402Unclear: gauge(
    'payment_x402_unclear',
    'Unclear ones of which nobody has found out yet whether they were carried out. Each process has it from the database: read it with max.',
  ),
};
