import fc from 'fast-check';
import { duesFor, planReturn, planTaking, refundedOf } from './take-back.ts';

const amount = fc.bigInt({ min: 1n, max: 10n ** 30n });
const amountOrNone = fc.bigInt({ min: 0n, max: 10n ** 30n });

describe('the credits that are due for parts of a payment', () => {
  const purchase = { winc: 1000n, paid: 300n };

  it('are what a part had bought, rounded up: all for all of it, none for none', () => {
    expect([0n, 100n, 300n, 301n].map((part) => duesFor(purchase, [part]))).toEqual([[0n], [334n], [1000n], [1000n]]);
  });

  it('leave to later parts what earlier ones have not taken', () => {
    expect(duesFor(purchase, [200n, 200n, 100n])).toEqual([667n, 333n, 0n]);
  });

  it('are together what the parts together had bought, and never more than the whole', () => {
    fc.assert(
      fc.property(amount, amount, fc.array(amountOrNone, { maxLength: 5 }), (winc, paid, parts) => {
        const dues = duesFor({ winc, paid }, parts);
        const [due, part] = [dues, parts].map((all) => all.reduce((sum, one) => sum + one, 0n)) as [bigint, bigint];
        expect(dues.every((one) => one >= 0n)).toBe(true);
        expect(due <= winc && (part < paid ? due * paid >= winc * part : due === winc)).toBe(true);
      }),
    );
  });
});

describe('refunds', () => {
  it('are as much as was told in one of the two ways, the sum or one by one', () => {
    expect(refundedOf({ total: 700n, made: 0n, failed: 0n })).toBe(700n);
    expect(refundedOf({ total: 0n, made: 700n, failed: 0n })).toBe(700n);
    expect(refundedOf({ total: 700n, made: 300n, failed: 0n })).toBe(700n);
  });

  it('that have failed count no more, also when another one has taken their place', () => {
    expect(refundedOf({ total: 700n, made: 0n, failed: 300n })).toBe(400n);
    expect(refundedOf({ total: 300n, made: 300n, failed: 300n })).toBe(300n);
    expect(refundedOf({ total: 0n, made: 0n, failed: 300n })).toBe(0n);
  });
});

describe('what is taken back', () => {
  it('is no more than there is, and exactly the rest is owed', () => {
    fc.assert(
      fc.property(amount, amountOrNone, (winc, available) => {
        const { owed, taken } = planTaking(winc, available);
        expect(taken + owed).toBe(winc);
        expect(taken <= available && owed >= 0n).toBe(true);
        expect(owed === 0n || taken === available).toBe(true);
      }),
    );
  });

  it('and given back goes to the debt first, and never more than that owes', () => {
    fc.assert(
      fc.property(amount, fc.bigInt({ min: -(10n ** 30n), max: 0n }), (winc, debt) => {
        const { repaid, returned } = planReturn(winc, debt);
        expect(repaid + returned).toBe(winc);
        expect(repaid >= 0n && debt + repaid <= 0n).toBe(true);
        expect(returned === 0n || debt + repaid === 0n).toBe(true);
      }),
    );
  });
});
