import { discounted, type PromoCode, promoFault } from './promo-code.ts';

const NOW = new Date('2030-01-01T00:00:00Z');
const promo: PromoCode = {
  code: 'X',
  percent: 20,
  amount: null,
  currency: null,
  minAmount: null,
  startsAt: NOW,
  endsAt: new Date(NOW.getTime() + 1),
  maxUses: 2,
  newUsersOnly: false,
  oncePerAddress: false,
};
const use = { uses: 1, usesByAddress: 1, isNew: false };
const payment = { currency: 'usd', amount: 1000 };

describe('a promo code', () => {
  it('counts from its first moment until its end, and for its last use', () => {
    const fault = (at: number, uses = 1) => promoFault(promo, { ...use, uses }, payment, new Date(NOW.getTime() + at));
    expect([fault(-1), fault(0), fault(1)]).toEqual(['does not count yet', undefined, 'has ended']);
    expect(fault(0, 2)).toBe('is used up');
  });

  it('takes off what it says, after the one before it, and leaves what a card can be charged', () => {
    const fiver = { ...promo, percent: null, amount: 500, currency: 'usd' };
    const changes = (promos: PromoCode[], amount = 1000) =>
      discounted(amount, promos, 50).discounts.map((d) => d.change);
    expect(changes([promo, fiver])).toEqual([-200, -500]);
    expect(changes([fiver, promo])).toEqual([-500, -100]);
    expect(changes([fiver, fiver])).toEqual([-500, -450]);
    // Never more than was asked, however little that is.
    expect(discounted(40, [fiver], 50).amount).toBe(40);
  });
});
