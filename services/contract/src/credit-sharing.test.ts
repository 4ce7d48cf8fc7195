import { creditSharingOf } from './credit-sharing.ts';

const tags = (...pairs: [name: string, value: string][]) => pairs.map(([name, value]) => ({ name, value }));
const approve: [string, string] = ['x-approve-payment', 'somebody'];

describe('tags that share credits', () => {
  it('name who may spend how much, for a time or for good', () => {
    expect(creditSharingOf(tags(approve, ['x-amount', '100']))).toEqual({
      approves: 'somebody',
      winc: '100',
      expiresInSeconds: undefined,
    });
    expect(creditSharingOf(tags(['x-expires-seconds', '60'], ['x-amount', '007'], approve))).toEqual({
      approves: 'somebody',
      winc: '7',
      expiresInSeconds: 60,
    });
  });

  it('name whose approvals are taken back', () => {
    expect(creditSharingOf(tags(['x-delete-payment-approval', 'somebody']))).toEqual({ revokes: 'somebody' });
  });

  it('are none that only look like them', () => {
    expect(creditSharingOf(tags(['x-amount', '100'], ['X-Approve-Payment', 'somebody']))).toBeUndefined();
  });

  it.each<[string, [string, string][]]>([
    ['no amount', [approve]],
    ['an amount of nothing', [approve, ['x-amount', '0']]],
    ['an amount below nothing', [approve, ['x-amount', '-5']]],
    ['an amount that is no whole number', [approve, ['x-amount', '1e3']]],
    ['an amount beyond all credits', [approve, ['x-amount', '9'.repeat(39)]]],
    ['two amounts', [approve, ['x-amount', '1'], ['x-amount', '2']]],
    ['two addresses', [approve, approve, ['x-amount', '1']]],
    ['a time of nothing', [approve, ['x-amount', '1'], ['x-expires-seconds', '0']]],
    ['a time beyond all', [approve, ['x-amount', '1'], ['x-expires-seconds', '9999999999']]],
    ['a time that is none', [approve, ['x-amount', '1'], ['x-expires-seconds', 'soon']]],
    ['both at once', [approve, ['x-amount', '1'], ['x-delete-payment-approval', 'somebody']]],
  ])('are refused with %s', (_, given) => {
    expect(() => creditSharingOf(tags(...given))).toThrow('Unable to create delegated payment approval :');
  });

  it('are refused with two whose approvals are taken back', () => {
    const both = tags(['x-delete-payment-approval', 'one'], ['x-delete-payment-approval', 'other']);
    expect(() => creditSharingOf(both)).toThrow('Unable to revoke delegated payment approval !');
  });
});
