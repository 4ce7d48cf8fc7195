import { MAX_ITEMS_A_CALL } from '@bundler/contract';
import type { Tracing } from '@bundler/runtime';
import type { Breaker } from '../breaker.ts';
import type { PaymentClient } from './client.ts';
import { GatheredCalls } from './gathered-calls.ts';
import type { PaymentSettlement } from './port.ts';

/**
 * How long a capture waits for those of other commit groups, milliseconds: nobody waits for it but a worker's slot, and a worker
 * with the usual five slots still captures 150 groups a second.
 */
const CAPTURE_WAIT_MS = 25;

/** Settles through the payment service, behind the breaker of whoever asks. What fails is told again later. */
export function paymentSettlement(
  client: Pick<PaymentClient, 'settle' | 'expired'>,
  breaker: Pick<Breaker, 'run'>,
  tracing?: Tracing,
): PaymentSettlement {
  // Each commit group is captured by a job of its own, and all of them may have the same payer.
  const captureAll = async (ids: readonly string[]): Promise<boolean[]> => {
    const { unpaid } = await breaker.run(() => client.settle('capture', ids));
    const isUnpaid = new Set(unpaid);
    return ids.map((id) => isUnpaid.has(id));
  };
  const captures = new GatheredCalls('capture', captureAll, { waitMs: () => CAPTURE_WAIT_MS, tracing });
  async function capture(itemIds: readonly Buffer[]): Promise<string[]> {
    const ids = itemIds.map((id) => id.toString('base64url'));
    const unpaid = await Promise.all(ids.map((id) => captures.send(id)));
    return ids.filter((_, index) => unpaid[index]);
  }
  async function tell(settlement: 'release' | 'refund', itemIds: readonly Buffer[]): Promise<void> {
    const ids = itemIds.map((id) => id.toString('base64url'));
    for (let start = 0; start < ids.length; start += MAX_ITEMS_A_CALL) {
      const some = ids.slice(start, start + MAX_ITEMS_A_CALL);
      await breaker.run(() => client.settle(settlement, some));
    }
  }
  return {
    capture,
    release: (itemIds) => tell('release', itemIds),
    refund: (itemIds) => tell('refund', itemIds),
    expired: async () => (await breaker.run(() => client.expired())).map((id) => Buffer.from(id, 'base64url')),
  };
}
