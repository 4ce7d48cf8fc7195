import type { X402Payment } from '@bundler/contract';
import { judgePayment } from './judge-payment.ts';

const NOW = 1_800_000_000;
const rules = { networks: ['base'], payTo: `0x${'Ab'.repeat(20)}`, least: 100n, now: NOW };

function payment(changed: object = {}, network = 'base'): X402Payment {
  const authorization = {
    from: `0x${'11'.repeat(20)}`,
    to: `0x${'ab'.repeat(20)}`,
    value: '100',
    validAfter: String(NOW - 600),
    validBefore: String(NOW + 300),
    nonce: `0x${'00'.repeat(32)}`,
    ...changed,
  };
  return { x402Version: 1, scheme: 'exact', network, payload: { signature: '0x00', authorization } };
}

describe('a payment by x402, as far as it can be judged without its chain', () => {
  it.each([
    ['of exactly the price', {}],
    ['of more', { value: '101' }],
    ['that is just about to run out', { validBefore: String(NOW + 6) }],
  ])('is good %s', (_, changed) => {
    expect(judgePayment(payment(changed), rules)).toBeUndefined();
  });

  it.each([
    ['to somebody else', { to: `0x${'ac'.repeat(20)}` }],
    ['of less than the price', { value: '99' }],
    ['that is not valid yet', { validAfter: String(NOW + 1) }],
    ['that runs out before a block is made', { validBefore: String(NOW + 5) }],
  ])('is refused %s', (_, changed) => {
    expect(judgePayment(payment(changed), rules)).toMatchObject({ code: 'invalid_payment' });
  });

  it('is refused on a network that is off, and for what nobody could pay at once', () => {
    expect(judgePayment(payment({}, 'polygon'), rules)).toMatchObject({ code: 'payment_network_off' });
    expect(judgePayment(payment(), { ...rules, least: undefined })).toMatchObject({ code: 'invalid_payment' });
  });
});
