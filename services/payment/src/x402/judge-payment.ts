import type { X402Payment } from '@bundler/contract';

/** What counts where a payment is judged. */
export interface PaymentRules {
  /** Networks on which payments are taken. */
  readonly networks: readonly string[];
  readonly payTo: string;
  /** What the upload costs now, in the smallest unit of USDC; undefined for more than anybody can pay. */
  readonly least: bigint | undefined;
  /** Unix seconds. */
  readonly now: number;
}

export interface PaymentFault {
  readonly code: 'invalid_payment' | 'payment_network_off';
  readonly reason: string;
}

/** A signature that is good for less time than this is not: a block has to be made until then, seconds. */
const LEAST_TIME = 6;

/**
 * What is wrong with a payment, as far as it says itself: whether its signature is good and whether there is money behind
 * it only the facilitator can tell, who is not asked about what is refused here.
 */
export function judgePayment({ network, payload }: X402Payment, rules: PaymentRules): PaymentFault | undefined {
  if (!rules.networks.includes(network)) return { code: 'payment_network_off', reason: `This is for ${network}.` };
  const { to, validAfter, validBefore, value } = payload.authorization;
  const reason = why();
  return reason === undefined ? undefined : { code: 'invalid_payment', reason };

  function why(): string | undefined {
    // Whom a payment is to is ours to say, whatever the client was told by others.
    if (to.toLowerCase() !== rules.payTo.toLowerCase()) return `It is not to ${rules.payTo}.`;
    if (rules.least === undefined) return 'So much cannot be paid for at once.';
    if (BigInt(value) < rules.least)
      return `It is ${value} and these bytes cost ${rules.least}, in the smallest unit of USDC.`;
    if (Number(validAfter) > rules.now) return 'It is not valid yet.';
    if (Number(validBefore) < rules.now + LEAST_TIME) return 'It is not valid any more.';
    return undefined;
  }
}
