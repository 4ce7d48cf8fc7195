import type { Breaker } from '../breaker.ts';
import type { PaymentClient } from './client.ts';
import type { PaymentSettlement } from './port.ts';

/** Items that one call is about. */
const MAX_ITEMS = 1000;

/** Settles through the payment service, behind the breaker of whoever asks. What fails is told again later. */
export function paymentSettlement(
  client: Pick<PaymentClient, 'settle' | 'expired'>,
  breaker: Pick<Breaker, 'run'>,
): PaymentSettlement {
  async function tell(settlement: 'capture' | 'release' | 'refund', itemIds: readonly Buffer[]): Promise<string[]> {
    const ids = itemIds.map((id) => id.toString('base64url'));
    const unpaid: string[] = [];
    for (let start = 0; start < ids.length; start += MAX_ITEMS) {
      const some = ids.slice(start, start + MAX_ITEMS);
      unpaid.push(...(await breaker.run(() => client.settle(settlement, some))).unpaid);
    }
    return unpaid;
  }
  return {
    capture: (itemIds) => tell('capture', itemIds),
    release: async (itemIds) => void (await tell('release', itemIds)),
    refund: async (itemIds) => void (await tell('refund', itemIds)),
    expired: async () => (await breaker.run(() => client.expired())).map((id) => Buffer.from(id, 'base64url')),
  };
}
