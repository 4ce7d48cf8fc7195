import type { TransactionStatus } from '@bundler/adapters';
import { judge } from './policy.ts';

const chain = { height: 150, signedHeight: 100, confirmations: 18, anchorBlocks: 60 };
const confirmed = (confirmations: number): TransactionStatus => ({
  state: 'confirmed',
  confirmations,
  blockHeight: 101,
});

describe('verdict on a seeded bundle', () => {
  it.each([
    ['waits while it is pending', { state: 'pending' } as const, chain, 'wait'],
    ['waits one confirmation short', confirmed(17), chain, 'wait'],
    ['checks the data at the last confirmation', confirmed(18), chain, 'check data'],
    ['posts again what was forgotten while its anchor counts', { state: 'unknown' } as const, chain, 'post again'],
    ['waits for the last block of the anchor', { state: 'unknown' } as const, { ...chain, height: 160 }, 'post again'],
    ['gives up when the anchor is too old', { state: 'unknown' } as const, { ...chain, height: 161 }, 'give up'],
  ])('%s', (_, status, at, action) => {
    expect(judge(status, at).action).toBe(action);
  });
});
