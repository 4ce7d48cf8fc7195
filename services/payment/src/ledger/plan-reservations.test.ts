import fc from 'fast-check';
import { planReservations } from './plan-reservations.ts';

describe('a plan of reservations', () => {
  it('takes from one purse after the other in the order given, and all or nothing', () => {
    const purses = new Map([
      ['gift', { account: 1, held: 2, balance: 30n }],
      ['own', { account: 3, held: 4, balance: 50n }],
    ]);
    const charge = (dataItemId: string, winc: bigint) => ({ dataItemId, winc, purses: ['gift', 'nobody', 'own'] });
    const planned = planReservations([charge('a', 40n), charge('b', 41n), charge('c', 40n)], purses);
    expect(
      planned.map(({ dataItemId, parts }) => [dataItemId, parts.map(({ purse, amount }) => [purse.account, amount])]),
    ).toEqual([
      [
        'a',
        [
          [1, 30n],
          [3, 10n],
        ],
      ],
      ['c', [[3, 40n]]],
    ]);
  });

  it('never takes more from a purse than is in it, nor other than the price of an item', () => {
    const amount = fc.bigInt({ min: 0n, max: 100n });
    const names = ['p', 'q', 'r', 'nobody'];
    const charges = fc.array(
      fc.record({ dataItemId: fc.uuid(), winc: amount, purses: fc.array(fc.constantFrom(...names), { maxLength: 6 }) }),
    );
    fc.assert(
      fc.property(charges, fc.tuple(amount, amount, amount), (asked, funds) => {
        const purses = new Map(
          funds.map((balance, index) => [names[index]!, { account: index, held: index + 10, balance }]),
        );
        const planned = planReservations(asked, purses);
        const spent = [0n, 0n, 0n];
        for (const { winc, parts } of planned) {
          expect(parts.reduce((sum, part) => sum + part.amount, 0n)).toBe(winc);
          for (const part of parts) spent[part.purse.account]! += part.amount;
        }
        expect(spent.every((sum, index) => sum <= funds[index]!)).toBe(true);
      }),
      { seed: 104 },
    );
  });
});
