import { type Finding, judgeFinding } from './judge-finding.ts';

const made = (transaction: string): Finding => ({ carriedOut: true, transaction });
const notMade: Finding = { carriedOut: false };
const credited = { state: 'credited', transaction: '0xAB' } as const;
const refused = { state: 'refused', transaction: null } as const;

describe('what somebody finds out about a payment by x402', () => {
  it('is news only while nobody knows', () => {
    for (const finding of [made('0xab'), notMade])
      expect(judgeFinding({ state: 'unclear', transaction: null }, finding)).toEqual({ verdict: 'new' });
  });

  it.each([
    ['credited for that transaction, however it is written', credited, made('0xab')],
    ['refused', refused, notMade],
  ])('is known of one that was %s', (_, known, finding) => {
    expect(judgeFinding(known, finding)).toEqual({ verdict: 'known' });
  });

  it.each([
    ['is still being carried out', { state: 'settling', transaction: null } as const, made('0xab'), 'still asking'],
    ['was credited for another transaction', credited, made('0xac'), '0xAB'],
    ['was credited, and is to be none', credited, notMade, '0xAB'],
    ['was refused', refused, made('0xab'), 'not carried out'],
  ])('contradicts one that %s', (_, known, finding, why) => {
    expect(judgeFinding(known, finding)).toEqual({ verdict: 'contradiction', why: expect.stringContaining(why) });
  });
});
