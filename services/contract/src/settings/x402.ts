import { setting } from './define.ts';
import { list, text } from './kinds.ts';

const service = ['payment'] as const;

/** Networks on which USDC can be paid for uploads by x402, as the protocol calls them. */
export const x402NetworkNames = ['base', 'base-sepolia', 'polygon'] as const;
export type X402NetworkName = (typeof x402NetworkNames)[number];

export const x402 = {
  x402PayTo: setting({
    env: 'X402_PAYMENT_ADDRESS',
    path: 'payment.x402.payTo',
    kind: text({ form: { pattern: '^(0x[0-9a-fA-F]{40})?$', must: 'an address of Ethereum, or empty' } }),
    default: '',
    doc: 'Address to which USDC is paid for uploads by x402; empty means that none is taken. The service needs no key of it.',
    roles: service,
  }),
  x402Networks: setting({
    env: 'X402_NETWORKS',
    path: 'payment.x402.networks',
    kind: list({ pattern: `^(${x402NetworkNames.join('|')})$`, must: x402NetworkNames.join(', ') }),
    default: ['base'],
    doc: 'Networks on which payments by x402 are taken, each in its USDC. That of base-sepolia is worth nothing: name it by itself, for trials.',
    roles: service,
  }),
  x402Facilitator: setting({
    env: 'X402_FACILITATOR_URL',
    path: 'payment.x402.facilitatorURL',
    kind: text(),
    default: '',
    doc: 'The facilitator that verifies and settles payments by x402; it must serve X402_NETWORKS. Empty means that none are taken.',
    roles: service,
  }),
};
