import { explain } from './explain.ts';
import { LedgerModel } from './model.ts';
import type { Charge, Operation, Tried } from './operations.ts';

const charge = (item: string, winc: bigint): Charge => ({ item, signer: 'sue', winc, paidBy: [] });
const reserve = (...charges: Charge[]): Operation => ({ kind: 'reserve', charges });
const release = (...items: string[]): Operation => ({ kind: 'release', items });
const answered = (operation: Operation, outcome: string): Tried => ({ operation, outcomes: [outcome] });

describe('what came of operations at the same time', () => {
  let before: LedgerModel;
  beforeEach(() => {
    before = new LedgerModel(0);
    before.apply({ kind: 'credit', to: 'sue', winc: 100n, reference: 'opening' });
    before.apply(reserve(charge('old', 10n)));
  });
  const after = (...operations: Operation[]): string => {
    const model = before.copy();
    for (const operation of operations) model.apply(operation);
    return model.facts;
  };

  it('is explained by the order that fits', () => {
    const tried = [answered(release('old'), 'old'), answered(reserve(charge('old', 12n)), 'old=12')];
    expect(explain(before, tried, after(release('old'), reserve(charge('old', 12n))))).toBeDefined();
    expect(explain(before, tried, after(reserve(charge('old', 12n)), release('old')))).toBeUndefined();
  });

  it('is explained by an answer that was lost', () => {
    const tried = [{ operation: release('old'), outcomes: [undefined, ''] }];
    expect(explain(before, tried, after(release('old')))).toBeDefined();
    expect(explain(before, tried, after())).toBeUndefined();
  });

  it('may have been a look at an item before it was reserved, while another was still held', () => {
    const tried = [
      answered(release('old', 'new'), 'old'),
      answered(reserve(charge('old', 10n), charge('new', 5n)), 'new=5 old=10'),
    ];
    expect(explain(before, tried, after(reserve(charge('new', 5n)), release('old')))).toBeDefined();
  });

  it('cannot be half of what a settlement says that it moved', () => {
    before.apply(reserve(charge('second', 20n)));
    const tried = [{ operation: release('old', 'second'), outcomes: [undefined, 'old'] }];
    expect(explain(before, tried, after(release('old')))).toBeUndefined();
    expect(explain(before, tried, after(release('second')))).toBeUndefined();
  });
});
