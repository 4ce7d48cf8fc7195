import { type ConnectionUse, connectionBudget, paymentConnectionBudget, type SpecConfig } from '@bundler/contract';
import type { ConnectionStatus } from './types.ts';

/** The connection budgets of a spec as status tells them: their sums. */
export function connectionStatus(config: SpecConfig): ConnectionStatus {
  const { available, possible } = connectionBudget(config);
  const payment = paymentConnectionBudget(config);
  return { available, possible, ...(payment && { payment: sumsOf(payment) }) };
}

/** A field of a status is there or not; nothing in it is undefined. */
const sumsOf = ({ available, possible }: ConnectionUse) => ({
  ...(available !== undefined && { available }),
  possible,
});
