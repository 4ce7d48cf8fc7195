import { type ChainTransaction, judgeTopUp } from './judge-top-up.ts';

const rules = {
  wallet: 'ours',
  minConfirmations: 3,
  excludedSenders: ['mixer'],
  worth: (quantity: bigint) => quantity / 10n,
};
const paid: ChainTransaction = { recipient: 'ours', sender: 'a', quantity: 100n, confirmations: 3, blockHeight: 7 };

describe('what a transaction brings', () => {
  it.each([
    ['nothing is known of it', 'unknown', { state: 'unknown' }],
    ['it waits', 'waiting', { state: 'pending' }],
    ['it failed', 'failed', { state: 'refused', fault: 'failed_on_chain' }],
    ['it is ours', paid, { state: 'credit', transaction: paid, winc: 10n, to: 'a' }],
    ['it names somebody', { ...paid, beneficiary: 'b' }, { state: 'credit', winc: 10n, to: 'b' }],
    ['it may be undone', { ...paid, confirmations: 2 }, { state: 'pending', winc: 10n }],
    ['it is not ours', { ...paid, recipient: 'b' }, { state: 'refused', fault: 'wrong_recipient' }],
    ['it is nobody’s', { ...paid, recipient: undefined }, { state: 'refused', fault: 'wrong_recipient' }],
    [
      'its sender is excluded',
      { ...paid, sender: 'mixer', beneficiary: 'a' },
      { state: 'refused', fault: 'excluded_sender' },
    ],
    ['it is worth nothing', { ...paid, quantity: 9n }, { state: 'refused', fault: 'too_little' }],
  ] as const)('when %s', (_when, seen, verdict) => {
    expect(judgeTopUp(seen, rules)).toMatchObject(verdict);
  });
});
